"""Small helpers beside the lessons: data, text, train, report, plots and checks. No model."""
