"""Programs that run in processes of their own.

They import nothing of ours but rules of the checks that students see (coursekit.checks).

restore.py     a hand-in brought back to the shape of the assignment
runner.py      executes a hand-in's cells, inside the box
rerun.py       runs a network that was handed over once more, in a box without student's code
judge.py       the hidden checks, run on plain data where no student's code ever ran
"""
