"""Mail addresses as mail servers want them."""

import email_validator


def ascii_address(address: str) -> str:
    """The address with its domain in ASCII (IDNA 2008); as it is where it has none.

    Python's own codec, which mail libraries fall back on, knows IDNA 2003 alone: mail for `straße.example` would go to the owner of
    "strasse.example", another domain.
    """
    try:
        return email_validator.validate_email(address, check_deliverability=False, test_environment=True).ascii_email or address
    except email_validator.EmailNotValidError:
        return address
