"""Waymark, the web application. Start reading at `factory.py`."""
