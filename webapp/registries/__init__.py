"""Each kind of thing declared once; whoever needs to know what there is asks here."""
