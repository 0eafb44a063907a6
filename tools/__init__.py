"""What those who change the package need, and those who use it do not."""
