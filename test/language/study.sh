#!/bin/sh
# Everything that vectors/language-study/ keeps, again:  study.sh BUILD DATA
set -e
build=$1 data=$2 out=vectors/language-study demo=vectors/demo
$build/language-classifier train $data/mnist $out/digits.npz >$out/digits.txt
$build/language-study generate $demo/mnist-small.npz $data/mnist $out/generate seeds=3 >$out/generate.txt
$build/language-study classify $demo/mnist-small.npz $data/mnist $out/classify-digits >$out/classify-digits.txt
$build/language-study classify $demo/emoji-small.npz $data/emoji $out/classify-emoji >$out/classify-emoji.txt
$build/language-study classify $demo/mnist-small.npz $data/mnist $out/classify-digits-hidden labels=hidden >$out/classify-digits-hidden.txt
$build/language-study classify $demo/emoji-small.npz $data/emoji $out/classify-emoji-hidden labels=hidden >$out/classify-emoji-hidden.txt
$build/language-study denoise $demo/mnist-small.npz $data/mnist $out/denoise episodes=100 >$out/denoise.txt
