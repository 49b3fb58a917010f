"""The instructor's program: hand out the homework, grade what comes back, and say what happened.

release.py     the student's copy and the solution, derived from the source
grade.py       make grade: a folder of submissions, from beginning to end
handins.py     which files were handed in, by whom and when
scheduler.py   who does the work: threads here, or the workers of a dask cluster
submission.py  one hand-in, from its bytes to its result
alone/         the programs that run in processes of their own: restore, runner, rerun, judge
sandbox.py     the box a student's code runs in (alone/runner.py inside; seccomp.py, cgroup.py)
penalty.py     what a day late costs          limits.py  what one submission may take
key.py         what a grade depends on        result.py  what is known of a graded hand-in
scores.py      the final score: the program's points, those by hand, the penalty
outputs.py     feedback pages, the page of answers to read, the tables
"""
