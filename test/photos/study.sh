#!/bin/sh
# What vectors/photo-study/ keeps, again:  study.sh BUILD DATA [WORK]
# 60 photographs become a tree of folders named by words (test/photos/words: FOLDERS/NAME), from which a small model is trained on
# random crops and flips, then measured on the pictures it was trained on and on the eighth part that was kept back. A run that was
# stopped goes on from its checkpoint in WORK.
set -e
build=$1 data=$2 work=${3:-$1/photo-study} out=vectors/photo-study spae=$1/spae
tree=$work/photographs model=$work/photographs.npz

mkdir -p "$tree" "$out"
while read -r picture; do
    mkdir -p "$tree/${picture%/*}"
    cp "$data/photos/256/${picture##*/}.ppm" "$tree/$picture.ppm"
done <test/photos/words

$spae train --preset image-128 --set picture=64x64 --set filters=16 --set multipliers=1,2,4 --set temporal=false,false \
    --set res_blocks=1 --set groups=16 --set c=100 --set semantic_layers=2 --set thresholds=0.995,0.95 --set beta=0.03 \
    --set lambda=0 --set eta=0 --set dynamic_weight=false --set alpha=0.005 --set batch=8 --set steps=4400 \
    --set learning_rate=0.001 --set root_decay=false --set warmup=200 --set cooldown=1500 --set ema=0.99 --set crop=0.5 --set flip=true --seed 1 \
    --data "$tree" --codebook "$data/words/words-8k.npy" --vocab "$data/words/words-8k.txt" --codebook-centre --guide nearest \
    --out "$model" --log "$work/log.csv" --checkpoint-every 400 --every 60 --resume

# Where a model is looked at: three pictures that were kept back, three that were trained on, all of them free to be shown.
shown="animal/monkey/lemurs food/cup/coffee person/woman/astronaut animal/bear/panda animal/bird/parrot/macaw building/temple/petra"
root=$(pwd)
absolute() { case $1 in /*) echo "$1" ;; *) echo "$root/$1" ;; esac; }
for kept in "$out/sheet.png" "$work/report.html"; do # from within the tree: names of pictures are written as they are given
    (cd "$tree" && "$(absolute "$spae")" inspect --model "$(absolute "$model")" -o "$(absolute "$kept")" --resize $(printf '%s.ppm ' $shown))
done
for part in test train; do
    $spae eval --model "$model" --data "$tree" --part $part --csv "$out/$part.csv" >"$out/$part.txt"
done

# The log, means over 20 steps, and its curves.
awk -F, -v OFS=, 'NR == 1 { print; next } { for (i = 2; i <= NF; i++) sum[i] += $i }
    (NR - 1) % 20 == 0 { for (i = 2; i <= NF; i++) { $i = sum[i] / 20; sum[i] = 0 } print }' "$work/log.csv" >"$out/log.csv"
$spae plot "$out/log.csv" -o "$out/curves.svg" --columns l2,commitment,semantic,psnr,first_word --title "60 photographs, means of 20 steps"
