#!/usr/bin/env bash
# Makes the media files of this example library: five tiny files that really
# play, in five formats, one with a space and one with Unicode in its name.
# They are something to try `mavi` on (see manifest.csv) without footage of your
# own. The files are checked in, so nobody needs to run this; it is here to show
# where they came from and to make them again.
#
# Needs ffmpeg with libx264, libvpx-vp9, libopus and libmp3lame (Debian's has
# them all). Everything is drawn by ffmpeg itself: no outside footage, nothing
# to license. Runs from any directory and overwrites the files beside it.
#
# +bitexact and one thread keep dates, random ids and thread counts out of the
# output, so two runs of one ffmpeg give the same bytes. Another ffmpeg (x264 and
# LAME write their version into the stream), or another kind of CPU, may give
# other bytes of the same pictures. The checked-in files came from ffmpeg 5.1.9
# (Debian 12, x86-64).
set -euo pipefail

cd -- "$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)"
mkdir -p clips

ff() {
    ffmpeg -nostdin -hide_banner -loglevel error -y -filter_threads 1 "$@"
}
exact=(-fflags +bitexact -flags +bitexact -threads 1 -map_metadata -1)

# sunrise.mp4: a sun coming up; H.264 + AAC, the index (moov) before the data.
ff -f lavfi -i "color=black:size=320x180:rate=15:duration=2,format=gbrp,geq=\
r='if(lt(hypot(X-160\,Y-190+55*T)\,34)\,255\,clip(60+50*T+Y*0.7\,0\,255))':\
g='if(lt(hypot(X-160\,Y-190+55*T)\,34)\,225\,clip(20+30*T+Y*0.35\,0\,255))':\
b='if(lt(hypot(X-160\,Y-190+55*T)\,34)\,120\,clip(110+20*T-Y*0.3\,0\,255))',\
drawbox=x=0:y=140:w=320:h=40:color=0x14283c:t=fill" \
    -f lavfi -i "sine=frequency=330:sample_rate=44100:duration=2,volume=0.5" \
    -c:v libx264 -preset slow -crf 26 -pix_fmt yuv420p \
    -c:a aac -b:a 48k -ac 1 -shortest "${exact[@]}" \
    -movflags +faststart sunrise.mp4

# clips/harbour walk.mov: a test card with a running clock; H.264 + AAC, the
# index after the data, as cameras write it.
ff -f lavfi -i "testsrc2=size=320x180:rate=15:duration=1.6" \
    -f lavfi -i "sine=frequency=440:beep_factor=4:sample_rate=44100:duration=1.6" \
    -c:v libx264 -preset slow -crf 30 -pix_fmt yuv420p \
    -c:a aac -b:a 48k -ac 1 -shortest "${exact[@]}" \
    "clips/harbour walk.mov"

# clips/日本の海.webm: waves; VP9 + Opus.
ff -f lavfi -i "color=black:size=320x180:rate=15:duration=1.5,format=gbrp,geq=\
r='clip(40+30*sin(X/23+Y/9+4*T)\,0\,255)':\
g='clip(110+45*sin(X/31-Y/7+3*T)+Y*0.2\,0\,255)':\
b='clip(175+45*sin(X/17+Y/13-5*T)\,0\,255)'" \
    -f lavfi -i "anoisesrc=color=brown:seed=7:sample_rate=48000:duration=1.5,volume=0.4" \
    -c:v libvpx-vp9 -b:v 0 -crf 42 -deadline good -cpu-used 2 -row-mt 0 \
    -pix_fmt yuv420p -c:a libopus -b:a 32k -ac 1 -shortest "${exact[@]}" \
    "clips/日本の海.webm"

# interview.mp3: two tones taking turns; MP3 with an ID3 title.
ff -f lavfi -i "aevalsrc='0.4*sin(2*PI*t*if(lt(mod(t\,0.5)\,0.25)\,262\,392))':s=44100:d=2" \
    -c:a libmp3lame -b:a 48k -ac 1 "${exact[@]}" \
    -metadata title="Interview" interview.mp3

# poster.png: one frame of the Mandelbrot set.
ff -f lavfi -i "mandelbrot=size=320x180:maxiter=400:rate=1:start_scale=2.4:start_x=-0.55:start_y=0" \
    -frames:v 1 -c:v png -pred mixed -compression_level 9 -pix_fmt rgb24 \
    "${exact[@]}" -update 1 poster.png
