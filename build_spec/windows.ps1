# Builds dist\tiangeng and its installer on Windows 10/11 (64 bit). Not run by us: no Windows machine was at hand.
# Needs Python 3.11 (64 bit, from python.org) and Inno Setup 6. Run in PowerShell in the repository:
#   powershell -ExecutionPolicy Bypass -File build_spec\windows.ps1
$ErrorActionPreference = "Stop"
Set-Location (Join-Path $PSScriptRoot "..")
Remove-Item Env:PYTHONDONTWRITEBYTECODE -ErrorAction SilentlyContinue

function Invoke-Step {
    & $args[0] @($args | Select-Object -Skip 1)
    if ($LASTEXITCODE -ne 0) { throw "没有做成: $args" }
}

$venv = "build\venv"
$python = "$venv\Scripts\python.exe"
if (Test-Path $venv) { Remove-Item -Recurse -Force $venv }
Invoke-Step py -3.11 -m venv $venv
Invoke-Step $python -m pip install --quiet --require-hashes --only-binary :all: -r build_spec\tools.txt
Invoke-Step "$venv\Scripts\uv.exe" --system-certs -q pip sync --require-hashes --compile-bytecode --python $python build_spec\build.lock
Invoke-Step $python build_spec\version_stamp.py

$env:PYTHONHASHSEED = "1"
Invoke-Step $python -m PyInstaller --noconfirm --log-level ERROR --distpath dist --workpath build\pyinstaller build_spec\tiangeng.spec

# Does it work on its own? A workspace, its check, then the window for some seconds.
$work = Join-Path ([IO.Path]::GetTempPath()) ([IO.Path]::GetRandomFileName())
$env:TIANGENG_PASSPHRASE = "tiangeng-smoke-test"
Invoke-Step dist\tiangeng\tiangeng.exe --data $work init --village 532327101201 --name 太平村 --json
Invoke-Step dist\tiangeng\tiangeng.exe --data $work verify --json
$window = Start-Process -PassThru dist\tiangeng\tiangeng.exe -ArgumentList "--data", $work
Start-Sleep -Seconds 8
if ($window.HasExited) { throw "窗口没有打开。" }
Stop-Process -Id $window.Id
Remove-Item -Recurse -Force $work

$version = (Get-Content build\version.json -Encoding UTF8 | ConvertFrom-Json).version
$inno = "${env:ProgramFiles(x86)}\Inno Setup 6\ISCC.exe"
if (Test-Path $inno) {
    Invoke-Step $inno "/DVersion=$version" build_spec\tiangeng.iss
} else {
    Write-Host "没有找到 Inno Setup 6，只做好了文件夹 dist\tiangeng。"
}
