
use builtin;
use str;

set edit:completion:arg-completer[mavi] = {|@words|
    fn spaces {|n|
        builtin:repeat $n ' ' | str:join ''
    }
    fn cand {|text desc|
        edit:complex-candidate $text &display=$text' '(spaces (- 14 (wcswidth $text)))$desc
    }
    var command = 'mavi'
    for word $words[1..-1] {
        if (str:has-prefix $word '-') {
            break
        }
        set command = $command';'$word
    }
    var completions = [
        &'mavi'= {
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
            cand -V 'Print the version'
            cand --version 'Print the version'
            cand upload 'Upload files, folders or a manifest''s, and write the report'
            cand status 'Show what the ledger knows of a job'
            cand orphans 'List assets that nothing uses any more, and delete them if asked'
            cand report 'Rebuild or convert the report from the ledger'
            cand sandbox 'Run a MAVI-compatible service on this machine, to try things out'
            cand config 'Show every setting and where it comes from'
            cand completions 'Print completions for a shell'
            cand man 'Print the manual, or write its pages'
        }
        &'mavi;upload'= {
            cand -m 'A CSV that lists the files; `-` is stdin'
            cand --manifest 'A CSV that lists the files; `-` is stdin'
            cand --root 'Base of its relative paths [default: its folder]'
            cand --delimiter 'Its delimiter [default: found from its header]'
            cand --include 'Take only files that match; repeatable'
            cand --exclude 'Leave out files and folders; repeatable'
            cand --max-size 'Refuse larger files [default: 5 GiB]'
            cand -r 'Where the report goes'
            cand --report 'Where the report goes'
            cand --ledger 'The ledger [default: beside the report]'
            cand -j 'Uploads in flight'
            cand --concurrency 'Uploads in flight'
            cand --sign-rate 'Sign calls a second [default: 1]'
            cand --upload-rate 'Upload starts a second [default: 1]'
            cand --poll-rate 'Status calls a second [default: 1]'
            cand --bandwidth 'Bytes a second, such as 20M'
            cand --retries 'Attempts after the first'
            cand --retry-delay 'Where backoff starts'
            cand --retry-max-delay 'Where backoff ends'
            cand --poll-interval 'Between two looks at one asset [default: 2s]'
            cand --confirm-timeout 'How long to wait for confirmation'
            cand --max-outage 'How long the service may be away'
            cand --api-key-file 'A file with the API key; `-` is stdin'
            cand --env-file 'A file of KEY=VALUE lines behind the environment'
            cand --base-url 'Where the service is'
            cand --ca-cert 'Certificates to trust beside the system''s'
            cand --storage-host 'Send files to this storage host, too; repeatable'
            cand --via 'By signed-url or direct'
            cand --progress 'Shown as bars, lines, json, none or auto'
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --lenient 'Malformed rows fail instead of ending the run'
            cand --all-files 'Take files that are no media, too'
            cand --dedupe 'Equal files share one upload and one asset id'
            cand --follow 'Follow symbolic links in folders'
            cand --overwrite 'Replace a report that mavi did not write'
            cand --adopt-ledger 'Use a ledger of another account or base URL'
            cand --no-confirm 'Wait for no confirmation: rows end as pending'
            cand --drain 'Let running uploads finish on an interrupt'
            cand --no-proxy 'Pass the proxies of the environment by'
            cand --sandbox 'Upload to a sandbox inside mavi; needs no key'
            cand -q 'Only errors that end the run'
            cand --quiet 'Only errors that end the run'
            cand -v 'Say more; repeatable'
            cand --verbose 'Say more; repeatable'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;status'= {
            cand --ledger 'The ledger'
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --json 'One JSON object instead of a table'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;orphans'= {
            cand --ledger 'The ledger'
            cand --rate 'Deletions a second; 0 for no limit'
            cand --api-key-file 'A file with the API key; `-` is stdin'
            cand --env-file 'A file of KEY=VALUE lines behind the environment'
            cand --base-url 'Where the service is'
            cand --ca-cert 'Certificates to trust beside the system''s'
            cand --storage-host 'Send files to this storage host, too; repeatable'
            cand --via 'By signed-url or direct'
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --json 'One JSON object instead of a table'
            cand --delete 'Delete them at the service, for good'
            cand --yes 'Do not ask'
            cand --no-proxy 'Pass the proxies of the environment by'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;report'= {
            cand --ledger 'The ledger'
            cand --format 'csv or jsonl'
            cand -o 'Where it goes; `-` is stdout'
            cand --output 'Where it goes; `-` is stdout'
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;sandbox'= {
            cand --listen 'Where to listen'
            cand --rate 'Calls a second for each endpoint'
            cand --limit-style 'How early calls are refused'
            cand --faults 'A script of faults'
            cand --seed 'Decides what is drawn'
            cand --processing 'Time between the bytes and SUCCESS'
            cand --keep 'Keep the bodies in this folder'
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;config'= {
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
            cand show 'Show every setting, its value and where it comes from'
        }
        &'mavi;config;show'= {
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --json 'One JSON object instead of a table'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;completions'= {
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
        &'mavi;man'= {
            cand --config 'Read settings from this file before your own'
            cand --color 'Colour: auto, always or never'
            cand --no-config 'Read no configuration file'
            cand -h 'Print help: -h in short, --help with examples'
            cand --help 'Print help: -h in short, --help with examples'
        }
    ]
    $completions[$command]
}
