"""Every sentence built in code, and the only place below web that knows addresses."""
