"""How requests reach the application: Waitress reads and writes, Gunicorn keeps its processes."""
