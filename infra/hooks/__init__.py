"""What azd runs after it has provisioned, and after it has deployed. Everything here may be run again."""
