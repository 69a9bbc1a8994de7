"""Building the views anew from EventLog beside the live ones, and putting them in their place (docs/decisions/0032)."""
