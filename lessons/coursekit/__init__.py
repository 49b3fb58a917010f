"""Small helpers beside the lessons: data, text, plots and report. No model and no training loop."""
