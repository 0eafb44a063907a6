"""Replay a CloudWatch alarm on a CloudTrail metric filter over the events of a case."""
