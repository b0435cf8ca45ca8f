"""The demo: a case told by seven agencies. The case, every person, company, ship and number in it is invented.

policy/       who shares what with whom, in the format of any policy folder
connectors/   each agency's connector file, copied beside its data
generate.py   `python -m deploy.demo.generate --seed 7 --out DIR`: writes each agency's records in its own form
scenario.py   the background and the storylines together
truth.py      what each agency should be able to find
tell.py       what `gabung demo` prints at the end
"""
