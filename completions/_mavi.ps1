
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'mavi' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'mavi'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'mavi' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print the version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print the version')
            [CompletionResult]::new('upload', 'upload', [CompletionResultType]::ParameterValue, 'Upload files, folders or the files of a CSV, and write the report')
            [CompletionResult]::new('plan', 'plan', [CompletionResultType]::ParameterValue, 'Show what an upload would do; no network')
            [CompletionResult]::new('status', 'status', [CompletionResultType]::ParameterValue, 'Show what the ledger knows of a job')
            [CompletionResult]::new('orphans', 'orphans', [CompletionResultType]::ParameterValue, 'List assets that nothing uses any more, and delete them if asked')
            [CompletionResult]::new('report', 'report', [CompletionResultType]::ParameterValue, 'Rebuild or convert the report from the ledger')
            [CompletionResult]::new('verify', 'verify', [CompletionResultType]::ParameterValue, 'Ask the service again about every asset of a report')
            [CompletionResult]::new('doctor', 'doctor', [CompletionResultType]::ParameterValue, 'Check what a run needs: what is wrong, and what to do')
            [CompletionResult]::new('sandbox', 'sandbox', [CompletionResultType]::ParameterValue, 'Run a MAVI-compatible service on this machine, to try things out')
            [CompletionResult]::new('config', 'config', [CompletionResultType]::ParameterValue, 'Show every setting and where it comes from')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print completions for a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print the manual, or write its pages')
            break
        }
        'mavi;upload' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'A CSV that lists the files; `-` is stdin')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'A CSV that lists the files; `-` is stdin')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'Folder its paths start from [default: its own]')
            [CompletionResult]::new('--path-map', '--path-map', [CompletionResultType]::ParameterName, 'Where its folders are on this machine; repeatable')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'Delimiter of the manifest [default: detected]')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Take only files that match; repeatable')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out files and folders; repeatable')
            [CompletionResult]::new('--max-size', '--max-size', [CompletionResultType]::ParameterName, 'Refuse larger files [default: 5 GiB]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Where the report goes')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Where the report goes')
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger [default: beside the report]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Uploads in flight')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Uploads in flight')
            [CompletionResult]::new('--sign-rate', '--sign-rate', [CompletionResultType]::ParameterName, 'Sign calls a second [default: 1]')
            [CompletionResult]::new('--upload-rate', '--upload-rate', [CompletionResultType]::ParameterName, 'Upload starts a second [default: 1]')
            [CompletionResult]::new('--poll-rate', '--poll-rate', [CompletionResultType]::ParameterName, 'Status calls a second [default: 1]')
            [CompletionResult]::new('--bandwidth', '--bandwidth', [CompletionResultType]::ParameterName, 'Bytes a second, such as 20M')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Time between checks of one asset [default: 2s]')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Attempts after the first')
            [CompletionResult]::new('--retry-delay', '--retry-delay', [CompletionResultType]::ParameterName, 'First pause between attempts')
            [CompletionResult]::new('--retry-max-delay', '--retry-max-delay', [CompletionResultType]::ParameterName, 'Longest pause between attempts')
            [CompletionResult]::new('--confirm-timeout', '--confirm-timeout', [CompletionResultType]::ParameterName, 'How long to wait for confirmation')
            [CompletionResult]::new('--max-outage', '--max-outage', [CompletionResultType]::ParameterName, 'How long to wait out an outage')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'By signed-url or direct')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'A file with the API key; `-` is stdin')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'A .env file; real variables win')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Where the service is')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Certificates to trust beside the system''s')
            [CompletionResult]::new('--storage-host', '--storage-host', [CompletionResultType]::ParameterName, 'Send files to this storage host, too; repeatable')
            [CompletionResult]::new('--progress', '--progress', [CompletionResultType]::ParameterName, 'Shown as bars, lines, json, none or auto')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--lenient', '--lenient', [CompletionResultType]::ParameterName, 'Malformed rows fail instead of ending the run')
            [CompletionResult]::new('--all-files', '--all-files', [CompletionResultType]::ParameterName, 'Also take files that are not media')
            [CompletionResult]::new('--dedupe', '--dedupe', [CompletionResultType]::ParameterName, 'Duplicates share one upload and one asset id')
            [CompletionResult]::new('--system-files', '--system-files', [CompletionResultType]::ParameterName, 'Also take files and folders of the system')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow symbolic links in folders')
            [CompletionResult]::new('--overwrite', '--overwrite', [CompletionResultType]::ParameterName, 'Replace a report that mavi did not write')
            [CompletionResult]::new('--adopt-ledger', '--adopt-ledger', [CompletionResultType]::ParameterName, 'Use a ledger of another account or base URL')
            [CompletionResult]::new('--no-confirm', '--no-confirm', [CompletionResultType]::ParameterName, 'Do not wait for confirmation: rows end pending')
            [CompletionResult]::new('--drain', '--drain', [CompletionResultType]::ParameterName, 'Let running uploads finish on an interrupt')
            [CompletionResult]::new('--no-proxy', '--no-proxy', [CompletionResultType]::ParameterName, 'Ignore `HTTPS_PROXY` and the like')
            [CompletionResult]::new('--sandbox', '--sandbox', [CompletionResultType]::ParameterName, 'Upload to a sandbox inside mavi; needs no key')
            [CompletionResult]::new('-q', '-q', [CompletionResultType]::ParameterName, 'Only errors that end the run')
            [CompletionResult]::new('--quiet', '--quiet', [CompletionResultType]::ParameterName, 'Only errors that end the run')
            [CompletionResult]::new('-v', '-v', [CompletionResultType]::ParameterName, 'Show more; repeatable')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more; repeatable')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;plan' {
            [CompletionResult]::new('-m', '-m', [CompletionResultType]::ParameterName, 'A CSV that lists the files; `-` is stdin')
            [CompletionResult]::new('--manifest', '--manifest', [CompletionResultType]::ParameterName, 'A CSV that lists the files; `-` is stdin')
            [CompletionResult]::new('--root', '--root', [CompletionResultType]::ParameterName, 'Folder its paths start from [default: its own]')
            [CompletionResult]::new('--path-map', '--path-map', [CompletionResultType]::ParameterName, 'Where its folders are on this machine; repeatable')
            [CompletionResult]::new('--delimiter', '--delimiter', [CompletionResultType]::ParameterName, 'Delimiter of the manifest [default: detected]')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Take only files that match; repeatable')
            [CompletionResult]::new('--exclude', '--exclude', [CompletionResultType]::ParameterName, 'Leave out files and folders; repeatable')
            [CompletionResult]::new('--max-size', '--max-size', [CompletionResultType]::ParameterName, 'Refuse larger files [default: 5 GiB]')
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Where the report goes')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Where the report goes')
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger [default: beside the report]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Uploads in flight')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Uploads in flight')
            [CompletionResult]::new('--sign-rate', '--sign-rate', [CompletionResultType]::ParameterName, 'Sign calls a second [default: 1]')
            [CompletionResult]::new('--upload-rate', '--upload-rate', [CompletionResultType]::ParameterName, 'Upload starts a second [default: 1]')
            [CompletionResult]::new('--poll-rate', '--poll-rate', [CompletionResultType]::ParameterName, 'Status calls a second [default: 1]')
            [CompletionResult]::new('--bandwidth', '--bandwidth', [CompletionResultType]::ParameterName, 'Bytes a second, such as 20M')
            [CompletionResult]::new('--poll-interval', '--poll-interval', [CompletionResultType]::ParameterName, 'Time between checks of one asset [default: 2s]')
            [CompletionResult]::new('--via', '--via', [CompletionResultType]::ParameterName, 'By signed-url or direct')
            [CompletionResult]::new('--line', '--line', [CompletionResultType]::ParameterName, 'Your upload speed, such as 200M')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--lenient', '--lenient', [CompletionResultType]::ParameterName, 'Malformed rows fail instead of ending the run')
            [CompletionResult]::new('--all-files', '--all-files', [CompletionResultType]::ParameterName, 'Also take files that are not media')
            [CompletionResult]::new('--dedupe', '--dedupe', [CompletionResultType]::ParameterName, 'Duplicates share one upload and one asset id')
            [CompletionResult]::new('--system-files', '--system-files', [CompletionResultType]::ParameterName, 'Also take files and folders of the system')
            [CompletionResult]::new('--follow', '--follow', [CompletionResultType]::ParameterName, 'Follow symbolic links in folders')
            [CompletionResult]::new('--no-confirm', '--no-confirm', [CompletionResultType]::ParameterName, 'Do not wait for confirmation: rows end pending')
            [CompletionResult]::new('--no-preflight', '--no-preflight', [CompletionResultType]::ParameterName, 'Do not look into the files')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object instead of words')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;status' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object instead of a table')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;orphans' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Deletions a second; 0 for no limit')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'A file with the API key; `-` is stdin')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'A .env file; real variables win')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Where the service is')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Certificates to trust beside the system''s')
            [CompletionResult]::new('--storage-host', '--storage-host', [CompletionResultType]::ParameterName, 'Send files to this storage host, too; repeatable')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object instead of a table')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Delete them at the service, for good')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--no-proxy', '--no-proxy', [CompletionResultType]::ParameterName, 'Ignore `HTTPS_PROXY` and the like')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;report' {
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger')
            [CompletionResult]::new('--format', '--format', [CompletionResultType]::ParameterName, 'csv, jsonl or html')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Where it goes; `-` is stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Where it goes; `-` is stdout')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;verify' {
            [CompletionResult]::new('--sample', '--sample', [CompletionResultType]::ParameterName, 'Check this share of the assets, such as 1%')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Calls a second; 0 for no limit')
            [CompletionResult]::new('--retries', '--retries', [CompletionResultType]::ParameterName, 'Attempts after the first, for one call')
            [CompletionResult]::new('--retry-delay', '--retry-delay', [CompletionResultType]::ParameterName, 'First pause between attempts')
            [CompletionResult]::new('--max-outage', '--max-outage', [CompletionResultType]::ParameterName, 'How long to wait out an outage')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'Write what differs as CSV; `-` is stdout')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'Write what differs as CSV; `-` is stdout')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'A file with the API key; `-` is stdin')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'A .env file; real variables win')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Where the service is')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Certificates to trust beside the system''s')
            [CompletionResult]::new('--storage-host', '--storage-host', [CompletionResultType]::ParameterName, 'Send files to this storage host, too; repeatable')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--download', '--download', [CompletionResultType]::ParameterName, 'Download the assets and compare SHA-256')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object instead of words')
            [CompletionResult]::new('--no-proxy', '--no-proxy', [CompletionResultType]::ParameterName, 'Ignore `HTTPS_PROXY` and the like')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;doctor' {
            [CompletionResult]::new('-r', '-r', [CompletionResultType]::ParameterName, 'Where the report goes')
            [CompletionResult]::new('--report', '--report', [CompletionResultType]::ParameterName, 'Where the report goes')
            [CompletionResult]::new('--ledger', '--ledger', [CompletionResultType]::ParameterName, 'The ledger [default: beside the report]')
            [CompletionResult]::new('-j', '-j', [CompletionResultType]::ParameterName, 'Uploads in flight')
            [CompletionResult]::new('--concurrency', '--concurrency', [CompletionResultType]::ParameterName, 'Uploads in flight')
            [CompletionResult]::new('--sign-rate', '--sign-rate', [CompletionResultType]::ParameterName, 'Sign calls a second; 0 for no limit')
            [CompletionResult]::new('--upload-rate', '--upload-rate', [CompletionResultType]::ParameterName, 'Upload starts a second; 0 for no limit')
            [CompletionResult]::new('--poll-rate', '--poll-rate', [CompletionResultType]::ParameterName, 'Status calls a second; 0 for no limit')
            [CompletionResult]::new('--api-key-file', '--api-key-file', [CompletionResultType]::ParameterName, 'A file with the API key; `-` is stdin')
            [CompletionResult]::new('--env-file', '--env-file', [CompletionResultType]::ParameterName, 'A .env file; real variables win')
            [CompletionResult]::new('--base-url', '--base-url', [CompletionResultType]::ParameterName, 'Where the service is')
            [CompletionResult]::new('--ca-cert', '--ca-cert', [CompletionResultType]::ParameterName, 'Certificates to trust beside the system''s')
            [CompletionResult]::new('--storage-host', '--storage-host', [CompletionResultType]::ParameterName, 'Send files to this storage host, too; repeatable')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object instead of lines')
            [CompletionResult]::new('--no-proxy', '--no-proxy', [CompletionResultType]::ParameterName, 'Ignore `HTTPS_PROXY` and the like')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;sandbox' {
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Where to listen')
            [CompletionResult]::new('--rate', '--rate', [CompletionResultType]::ParameterName, 'Calls a second for each endpoint')
            [CompletionResult]::new('--limit-style', '--limit-style', [CompletionResultType]::ParameterName, 'How early calls are refused')
            [CompletionResult]::new('--faults', '--faults', [CompletionResultType]::ParameterName, 'A script of faults')
            [CompletionResult]::new('--seed', '--seed', [CompletionResultType]::ParameterName, 'Seed of all random choices')
            [CompletionResult]::new('--processing', '--processing', [CompletionResultType]::ParameterName, 'Time between the bytes and SUCCESS')
            [CompletionResult]::new('--keep', '--keep', [CompletionResultType]::ParameterName, 'Keep the bodies in this folder')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;config' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('show', 'show', [CompletionResultType]::ParameterValue, 'Show every setting, its value and where it comes from')
            break
        }
        'mavi;config;show' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--json', '--json', [CompletionResultType]::ParameterName, 'One JSON object instead of a table')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;completions' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
        'mavi;man' {
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'Use this settings file as well; it wins over your own')
            [CompletionResult]::new('--color', '--color', [CompletionResultType]::ParameterName, 'Colour: auto, always or never')
            [CompletionResult]::new('--no-config', '--no-config', [CompletionResultType]::ParameterName, 'Read no configuration file')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help: -h in short, --help with examples')
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
