"""The demo: a case told by seven agencies. The case, every person, company, ship, number and rule in it is invented.

policy/        who shares what with whom, in the format of any policy folder
connectors/    each agency's connector file, copied beside its data
templates.yaml, words.yaml   what everyday reports are made of
values.py      identifiers in valid forms that nobody bears
desk.py        an agency's desk: numbers, dates and keeps its reports
background.py  everyday reports; storylines.py: the three cases; scenario.py: all together, with what goes wrong
native.py      a report in an agency's own form
generate.py    `python -m deploy.demo.generate --seed 7 --out DIR`
truth.py       what each agency must find, held against the reference engine by tests/demo
find.py, tell.py   what each agency finds in the running system, and how `gabung demo` tells it
"""
