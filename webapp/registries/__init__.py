"""Every kind of thing, declared once: what is declared here is read by everything else. Declarations only, no behavior."""
