# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_mavi_global_optspecs
    string join \n config= no-config color= h/help V/version
end

function __fish_mavi_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_mavi_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_mavi_using_subcommand
    set -l cmd (__fish_mavi_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c mavi -n "__fish_mavi_needs_command" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_needs_command" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_needs_command" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_needs_command" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_needs_command" -s V -l version -d 'Print the version'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "upload" -d 'Upload files, folders or the files of a CSV, and write the report'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "plan" -d 'Show what an upload would do; no network'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "status" -d 'Show what the ledger knows of a job'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "orphans" -d 'List assets that nothing uses any more, and delete them if asked'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "report" -d 'Rebuild or convert the report from the ledger'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "verify" -d 'Ask the service again about every asset of a report'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "doctor" -d 'Check what a run needs: what is wrong, and what to do'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "sandbox" -d 'Run a MAVI-compatible service on this machine, to try things out'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "config" -d 'Show every setting and where it comes from'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "completions" -d 'Print completions for a shell'
complete -c mavi -n "__fish_mavi_needs_command" -f -a "man" -d 'Print the manual, or write its pages'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -s m -l manifest -d 'A CSV that lists the files; `-` is stdin' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l root -d 'Folder its paths start from [default: its own]' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l path-map -d 'Where its folders are on this machine; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l delimiter -d 'Delimiter of the manifest [default: detected]' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l include -d 'Take only files that match; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l exclude -d 'Leave out files and folders; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l max-size -d 'Refuse larger files [default: 5 GiB]' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -s r -l report -d 'Where the report goes' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l ledger -d 'The ledger [default: beside the report]' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -s j -l concurrency -d 'Uploads in flight' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l sign-rate -d 'Sign calls a second [default: 1]' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l upload-rate -d 'Upload starts a second [default: 1]' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l poll-rate -d 'Status calls a second [default: 1]' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l bandwidth -d 'Bytes a second, such as 20M' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l poll-interval -d 'Time between checks of one asset [default: 2s]' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l retries -d 'Attempts after the first' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l retry-delay -d 'First pause between attempts' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l retry-max-delay -d 'Longest pause between attempts' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l confirm-timeout -d 'How long to wait for confirmation' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l max-outage -d 'How long to wait out an outage' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l via -d 'By signed-url or direct' -r -f -a "signed-url\t'Ask for an asset, then fill it: nothing can be lost or paid for twice'
direct\t'One call'"
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l api-key-file -d 'A file with the API key; `-` is stdin' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l env-file -d 'A .env file; real variables win' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l base-url -d 'Where the service is' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l ca-cert -d 'Certificates to trust beside the system\'s' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l storage-host -d 'Send files to this storage host, too; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l progress -d 'Shown as bars, lines, json, none or auto' -r -f -a "auto\t'Bars on a terminal, lines elsewhere'
bars\t'Bars, redrawn in place'
lines\t'A plain line now and then'
json\t'One JSON object a line on stdout, for programs'
none\t'Nothing'"
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l lenient -d 'Malformed rows fail instead of ending the run'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l all-files -d 'Also take files that are not media'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l dedupe -d 'Duplicates share one upload and one asset id'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l system-files -d 'Also take files and folders of the system'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l follow -d 'Follow symbolic links in folders'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l overwrite -d 'Replace a report that mavi did not write'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l adopt-ledger -d 'Use a ledger of another account or base URL'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l no-confirm -d 'Do not wait for confirmation: rows end pending'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l drain -d 'Let running uploads finish on an interrupt'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l no-proxy -d 'Ignore `HTTPS_PROXY` and the like'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l sandbox -d 'Upload to a sandbox inside mavi; needs no key'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -s q -l quiet -d 'Only errors that end the run'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -s v -l verbose -d 'Show more; repeatable'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand upload" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -s m -l manifest -d 'A CSV that lists the files; `-` is stdin' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l root -d 'Folder its paths start from [default: its own]' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l path-map -d 'Where its folders are on this machine; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l delimiter -d 'Delimiter of the manifest [default: detected]' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l include -d 'Take only files that match; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l exclude -d 'Leave out files and folders; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l max-size -d 'Refuse larger files [default: 5 GiB]' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -s r -l report -d 'Where the report goes' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l ledger -d 'The ledger [default: beside the report]' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand plan" -s j -l concurrency -d 'Uploads in flight' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l sign-rate -d 'Sign calls a second [default: 1]' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l upload-rate -d 'Upload starts a second [default: 1]' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l poll-rate -d 'Status calls a second [default: 1]' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l bandwidth -d 'Bytes a second, such as 20M' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l poll-interval -d 'Time between checks of one asset [default: 2s]' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l via -d 'By signed-url or direct' -r -f -a "signed-url\t'Ask for an asset, then fill it: nothing can be lost or paid for twice'
direct\t'One call'"
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l line -d 'Your upload speed, such as 200M' -r
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l lenient -d 'Malformed rows fail instead of ending the run'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l all-files -d 'Also take files that are not media'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l dedupe -d 'Duplicates share one upload and one asset id'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l system-files -d 'Also take files and folders of the system'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l follow -d 'Follow symbolic links in folders'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l no-confirm -d 'Do not wait for confirmation: rows end pending'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l no-preflight -d 'Do not look into the files'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l json -d 'One JSON object instead of words'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand plan" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand status" -l ledger -d 'The ledger' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand status" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand status" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand status" -l json -d 'One JSON object instead of a table'
complete -c mavi -n "__fish_mavi_using_subcommand status" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand status" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l ledger -d 'The ledger' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l rate -d 'Deletions a second; 0 for no limit' -r
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l api-key-file -d 'A file with the API key; `-` is stdin' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l env-file -d 'A .env file; real variables win' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l base-url -d 'Where the service is' -r
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l ca-cert -d 'Certificates to trust beside the system\'s' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l storage-host -d 'Send files to this storage host, too; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l json -d 'One JSON object instead of a table'
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l delete -d 'Delete them at the service, for good'
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l yes -d 'Do not ask'
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l no-proxy -d 'Ignore `HTTPS_PROXY` and the like'
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand orphans" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand report" -l ledger -d 'The ledger' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand report" -l format -d 'csv, jsonl or html' -r -f -a "csv\t'Comma-separated values'
jsonl\t'One JSON object a line'
html\t'A page for people: what became of the rows, why some failed, how the runs went'"
complete -c mavi -n "__fish_mavi_using_subcommand report" -s o -l output -d 'Where it goes; `-` is stdout' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand report" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand report" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand report" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand report" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l sample -d 'Check this share of the assets, such as 1%' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l rate -d 'Calls a second; 0 for no limit' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l retries -d 'Attempts after the first, for one call' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l retry-delay -d 'First pause between attempts' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l max-outage -d 'How long to wait out an outage' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -s o -l output -d 'Write what differs as CSV; `-` is stdout' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l api-key-file -d 'A file with the API key; `-` is stdin' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l env-file -d 'A .env file; real variables win' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l base-url -d 'Where the service is' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l ca-cert -d 'Certificates to trust beside the system\'s' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l storage-host -d 'Send files to this storage host, too; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l download -d 'Download the assets and compare SHA-256'
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l yes -d 'Do not ask'
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l json -d 'One JSON object instead of words'
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l no-proxy -d 'Ignore `HTTPS_PROXY` and the like'
complete -c mavi -n "__fish_mavi_using_subcommand verify" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand verify" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -s r -l report -d 'Where the report goes' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l ledger -d 'The ledger [default: beside the report]' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -s j -l concurrency -d 'Uploads in flight' -r
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l sign-rate -d 'Sign calls a second; 0 for no limit' -r
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l upload-rate -d 'Upload starts a second; 0 for no limit' -r
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l poll-rate -d 'Status calls a second; 0 for no limit' -r
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l api-key-file -d 'A file with the API key; `-` is stdin' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l env-file -d 'A .env file; real variables win' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l base-url -d 'Where the service is' -r
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l ca-cert -d 'Certificates to trust beside the system\'s' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l storage-host -d 'Send files to this storage host, too; repeatable' -r
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l json -d 'One JSON object instead of lines'
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l no-proxy -d 'Ignore `HTTPS_PROXY` and the like'
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand doctor" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l listen -d 'Where to listen' -r
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l rate -d 'Calls a second for each endpoint' -r
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l limit-style -d 'How early calls are refused' -r -f -a "http-429\t'HTTP 429'
retry-after\t'HTTP 429 with Retry-After'
code-429\t'HTTP 200 with code 429'
code-0429\t'HTTP 200 with code "0429"'
http-400\t'HTTP 400 with the limit\'s text'
slow-down\t'HTTP 503 with `SlowDown` from storage'"
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l faults -d 'A script of faults' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l seed -d 'Seed of all random choices' -r
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l processing -d 'Time between the bytes and SUCCESS' -r
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l keep -d 'Keep the bodies in this folder' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand sandbox" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand config; and not __fish_seen_subcommand_from show" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand config; and not __fish_seen_subcommand_from show" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand config; and not __fish_seen_subcommand_from show" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand config; and not __fish_seen_subcommand_from show" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand config; and not __fish_seen_subcommand_from show" -f -a "show" -d 'Show every setting, its value and where it comes from'
complete -c mavi -n "__fish_mavi_using_subcommand config; and __fish_seen_subcommand_from show" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand config; and __fish_seen_subcommand_from show" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand config; and __fish_seen_subcommand_from show" -l json -d 'One JSON object instead of a table'
complete -c mavi -n "__fish_mavi_using_subcommand config; and __fish_seen_subcommand_from show" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand config; and __fish_seen_subcommand_from show" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand completions" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand completions" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand completions" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand completions" -s h -l help -d 'Print help: -h in short, --help with examples'
complete -c mavi -n "__fish_mavi_using_subcommand man" -l config -d 'Use this settings file as well; it wins over your own' -r -F
complete -c mavi -n "__fish_mavi_using_subcommand man" -l color -d 'Colour: auto, always or never' -r -f -a "auto\t'On a terminal'
always\t'Everywhere'
never\t'Nowhere'"
complete -c mavi -n "__fish_mavi_using_subcommand man" -l no-config -d 'Read no configuration file'
complete -c mavi -n "__fish_mavi_using_subcommand man" -s h -l help -d 'Print help: -h in short, --help with examples'
