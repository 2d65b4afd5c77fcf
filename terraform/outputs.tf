output "alert_topic_arn" {
  description = "The topic to subscribe to; the other Region has one of its own."
  value       = var.alert_topic_arn != "" ? var.alert_topic_arn : aws_cloudformation_stack.state.outputs["AlertTopicArn"]
}

output "iam_events_alert_topic_arn" {
  description = "The topic of the alarm in the Region from which the events of IAM are forwarded; null where none are."
  value       = one(aws_cloudformation_stack.iam_events[*].outputs["AlertTopicArn"])
}

output "sweep_machine_arn" {
  description = "The state machine that looks at everything."
  value       = aws_cloudformation_stack.pipewarden.outputs["SweepMachineArn"]
}

output "findings_table" {
  description = "The table of findings, which outlives its stack."
  value       = aws_cloudformation_stack.state.outputs["FindingsTable"]
}
