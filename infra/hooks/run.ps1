& ($env:PYTHON ?? '.venv/Scripts/python.exe') -m infra.hooks @args; exit $LASTEXITCODE
