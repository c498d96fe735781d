"""`judian eval`: the commands of all modules here, side by side."""

import typer

from eval.command import measure, runs, sets, spoken, studies, training

app = typer.Typer(help="评测：问题集、指标、运行与比较。", no_args_is_help=True)
for commands in (sets, runs, training, studies, spoken, measure):
    app.add_typer(commands.app)
