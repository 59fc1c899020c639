/* Arguments that are hard to round, and what the proof in test/proof found about each function.
 *
 * Lines {argument, result} are bits of binary32 numbers: of all 2^32 arguments those whose exact
 * value lies closest to a midpoint of two binary32 numbers, the distance (in the gap between the
 * two) beside it. Lines of 16 digits are binary64 arguments and the nearest binary64 number to the
 * exact value. Results come from MPFR (binary32) and a 1400-bit computation (binary64), the digests
 * from the proof's reference: none from this library.
 */
#ifndef SPAE_TEST_ELEMENTARY_CASES_H
#define SPAE_TEST_ELEMENTARY_CASES_H

#include <stdint.h>

typedef struct {
    uint32_t argument, result;
} case32;

typedef struct {
    uint64_t argument, result;
} case64;

static const case32 hard_exp[] = {
    {0xc16912cd, 0x34fd331b}, /* 2.36e-09 */
    {0xbbf0edf1, 0x3f7e1fe9}, /* 4.51e-09 */
    {0xc2b2e798, 0x000f6dce}, /* 4.6e-09 */
    {0x377eff81, 0x3f800080}, /* 5.08e-09 */
    {0xbae0e25c, 0x3f7f8fa7}, /* 6.71e-09 */
    {0xb3000000, 0x3f800000}, /* 7.45e-09 */
    {0x39c6be5b, 0x3f800c6d}, /* 7.64e-09 */
    {0x38e69cc1, 0x3f80039a}, /* 8.06e-09 */
    {0x383a3ef1, 0x3f800175}, /* 8.49e-09 */
    {0x3d1a274e, 0x3f84e8ba}, /* 9.53e-09 */
    {0x40315b33, 0x417fa47d}, /* 1.07e-08 */
    {0x4001b249, 0x40f2cd14}, /* 1.19e-08 */
    {0x39e5bb1d, 0x3f800e5d}, /* 1.35e-08 */
    {0x36fdffc1, 0x3f800040}, /* 1.37e-08 */
    {0x4288942b, 0x70b7a4c5}, /* 1.43e-08 */
    {0x367bffe1, 0x3f800020}, /* 1.48e-08 */
    {0x35f7fff1, 0x3f800010}, /* 1.49e-08 */
    {0x356ffff9, 0x3f800008}, /* 1.49e-08 */
    {0x34dffffd, 0x3f800004}, /* 1.49e-08 */
    {0x343fffff, 0x3f800002}, /* 1.49e-08 */
    {0x33800000, 0x3f800001}, /* 1.49e-08 */
    {0x337fffff, 0x3f800000}, /* 1.49e-08 */
    {0xbc2a461a, 0x3f7d5a6e}, /* 1.78e-08 */
    {0x3fe67199, 0x40c1a7a6}, /* 1.81e-08 */
    {0xc0781533, 0x3ca9ccb8}, /* 2.03e-08 */
    {0x38ad9e29, 0x3f8002b6}, /* 2.21e-08 */
    {0xbbb70ee8, 0x3f7e92e8}, /* 2.26e-08 */
    {0x41cbf87b, 0x51dc50be}, /* 2.32e-08 */
    {0xc13d6631, 0x36f28e33}, /* 2.48e-08 */
    {0x4034d02b, 0x4186ea51}, /* 2.64e-08 */
    {0x3c971aaa, 0x3f826206}, /* 2.89e-08 */
    {0x3a7bcd08, 0x3f801f7e}, /* 2.89e-08 */
};

#define DIGEST_exp 0x1e5d79e9683f9734u

static const case64 wide_exp[] = {
    {0x3fe0000000000000, 0x3ffa61298e1e069c}, /* 0.5 */
    {0xbfd62e42fefa39ef, 0x3fe6a09e667f3bcd}, /* -0.34657359027997264 */
    {0x3ff0000000000000, 0x4005bf0a8b145769}, /* 1.0 */
    {0xbff0000000000000, 0x3fd78b56362cef38}, /* -1.0 */
    {0x4059100000000000, 0x48f8c39b9134bac4}, /* 100.25 */
    {0xc055d33333333333, 0x38109874c0b9cacb}, /* -87.3 */
    {0x40862e42fefa39ef, 0x7fefffffffffff2a}, /* 709.782712893384 */
    {0xc086232bdd7abcd2, 0x001000000000007c}, /* -708.3964185322641 */
    {0xc0874910d52d3051, 0x0000000000000001}, /* -745.1332191019411 */
    {0xc086840000000000, 0x00000005cf08fff0}, /* -720.5 */
    {0x3c670ef54646d497, 0x3ff0000000000000}, /* 1e-17 */
    {0x3e29c511dc3a41df, 0x3ff0000000ce288f}, /* 3e-09 */
};

static const case32 hard_expm1[] = {
    {0x3dc252dd, 0x3dcbd76b}, /* 1.7e-09 */
    {0x3a254e7a, 0x3a255bd3}, /* 1.98e-09 */
    {0x34ca62c1, 0x34ca62c3}, /* 2.19e-09 */
    {0xb675cbfc, 0xb675cbdf}, /* 2.83e-09 */
    {0x33b504f3, 0x33b504f3}, /* 3.07e-09 */
    {0xbb7b3b6c, 0xbb7ac04e}, /* 5.65e-09 */
    {0x36322b1b, 0x36322b2a}, /* 6.3e-09 */
    {0xb3800000, 0xb3800000}, /* 9.93e-09 */
    {0x40315b33, 0x416fa47d}, /* 1.07e-08 */
    {0x4001b249, 0x40d2cd14}, /* 1.19e-08 */
    {0x37b61385, 0x37b61407}, /* 1.39e-08 */
    {0x4288942b, 0x70b7a4c5}, /* 1.43e-08 */
    {0x3b643f1b, 0x3b64a4fa}, /* 1.43e-08 */
    {0x350f1bbc, 0x350f1bbe}, /* 1.54e-08 */
    {0x3b234e53, 0x3b238274}, /* 1.57e-08 */
    {0x35c542de, 0x35c542e8}, /* 1.69e-08 */
    {0xc169ee19, 0xbf7ffff8}, /* 1.72e-08 */
    {0x3fe67199, 0x40a1a7a6}, /* 1.81e-08 */
    {0x3cbc3c2a, 0x3cbe6a0f}, /* 1.9e-08 */
    {0x34000000, 0x34000001}, /* 1.99e-08 */
    {0x3b2401fd, 0x3b243692}, /* 2.01e-08 */
    {0xbdb4065d, 0xbdac56e0}, /* 2.05e-08 */
    {0xbcde0d30, 0xbcdb11ae}, /* 2.37e-08 */
    {0x3e35bec5, 0x3e46df32}, /* 2.51e-08 */
    {0x3566c158, 0x3566c15f}, /* 2.56e-08 */
    {0xbcd475d0, 0xbcd1ba92}, /* 2.67e-08 */
    {0x3ae8f114, 0x3ae92619}, /* 2.72e-08 */
    {0x3f0923fe, 0x3f356a4b}, /* 2.8e-08 */
    {0xbb01fe32, 0xbb01dd36}, /* 2.91e-08 */
    {0x3a85f83f, 0x3a8609c8}, /* 3.11e-08 */
    {0xb3b504f3, 0xb3b504f3}, /* 3.12e-08 */
    {0xbb101e67, 0xbb0ff5de}, /* 3.15e-08 */
};

#define DIGEST_expm1 0x36ff02b6e3e75371u

static const case64 wide_expm1[] = {
    {0x3fe0000000000000, 0x3fe4c2531c3c0d38}, /* 0.5 */
    {0xbfd62e42fefa39ef, 0xbfd2bec333018867}, /* -0.34657359027997264 */
    {0x3ff0000000000000, 0x3ffb7e151628aed3}, /* 1.0 */
    {0xbff0000000000000, 0xbfe43a54e4e98864}, /* -1.0 */
    {0x4059100000000000, 0x48f8c39b9134bac4}, /* 100.25 */
    {0xc042400000000000, 0xbfefffffffffffff}, /* -36.5 */
    {0x40862e42fefa39ef, 0x7fefffffffffff2a}, /* 709.782712893384 */
    {0x3c670ef54646d497, 0x3c670ef54646d497}, /* 1e-17 */
    {0xbe29c511dc3a41df, 0xbe29c511db943c93}, /* -3e-09 */
    {0x01a56e1fc2f8f359, 0x01a56e1fc2f8f359}, /* 1e-300 */
    {0x3fd6666666666666, 0x3fdad200b20177b2}, /* 0.35 */
    {0xbfd6666666666666, 0xbfd2e663ed31c11e}, /* -0.35 */
};

static const case32 hard_log[] = {
    {0x65d890d3, 0x4254d1f9}, /* 5.65e-11 */
    {0x4c5d65a5, 0x418f034b}, /* 8.22e-11 */
    {0x4d604ebe, 0x419a352c}, /* 1.43e-10 */
    {0x41178feb, 0x400fe5e7}, /* 3.45e-10 */
    {0x1f116ab8, 0xc233b53e}, /* 4.24e-10 */
    {0x66a8c860, 0x42595e46}, /* 4.33e-10 */
    {0x3c413d3a, 0xc08e158f}, /* 5.74e-10 */
    {0x6f31a8ec, 0x42845a89}, /* 8.5e-10 */
    {0x38dcbe38, 0xc1128ba4}, /* 1.03e-09 */
    {0x4665a9a6, 0x41198725}, /* 1.36e-09 */
    {0x5ee8984e, 0x422e4a21}, /* 1.41e-09 */
    {0x3bf86ef0, 0xc09c399e}, /* 1.53e-09 */
    {0x79e7ec37, 0x42a1ffb7}, /* 1.62e-09 */
    {0x0dc8bba4, 0xc289bac4}, /* 1.85e-09 */
    {0x2c4c24b7, 0xc1d48710}, /* 2.34e-09 */
    {0x111c87f8, 0xc28085df}, /* 2.4e-09 */
    {0x1a8446cb, 0xc24d0a45}, /* 3.15e-09 */
    {0x464d5b2b, 0x4117bcf1}, /* 3.22e-09 */
    {0x66abbd63, 0x4259700e}, /* 3.74e-09 */
    {0x2e492984, 0xc1be76ee}, /* 3.88e-09 */
    {0x4e85f412, 0x41a6b811}, /* 4.06e-09 */
    {0x29fd22f8, 0xc1ee8859}, /* 4.29e-09 */
    {0x28e3fa26, 0xc1fa75e0}, /* 4.29e-09 */
    {0x29e6126b, 0xc1ef4c02}, /* 4.64e-09 */
    {0x064cb44b, 0xc29e7c1a}, /* 5.18e-09 */
    {0x5d800341, 0x42265b10}, /* 5.23e-09 */
    {0x62b467ba, 0x42437434}, /* 5.46e-09 */
    {0x07c060fa, 0xc29a733a}, /* 5.5e-09 */
    {0x0f61ff63, 0xc2855565}, /* 5.55e-09 */
    {0x54af989d, 0x41eb6d3c}, /* 5.71e-09 */
    {0x5f64c24a, 0x4230fee2}, /* 5.95e-09 */
    {0x2423c085, 0xc21781d1}, /* 6.1e-09 */
};

#define DIGEST_log 0x6974ee174d2f26b4u

static const case64 wide_log[] = {
    {0x3fe0000000000000, 0xbfe62e42fefa39ef}, /* 0.5 */
    {0x4000000000000000, 0x3fe62e42fefa39ef}, /* 2.0 */
    {0x3ff0000000000001, 0x3cafffffffffffff}, /* 1.0000000000000002 */
    {0x3fefffffffffffff, 0xbca0000000000000}, /* 0.9999999999999999 */
    {0x3ff6a09e667f3bcd, 0x3fd62e42fefa39f0}, /* 1.4142135623730951 */
    {0x3fe6a09e667f3bcc, 0xbfd62e42fefa39f1}, /* 0.7071067811865475 */
    {0x7e37e43c8800759c, 0x4085963447f87fb5}, /* 1e+300 */
    {0x01a56e1fc2f8f359, 0xc085963447f87fb5}, /* 1e-300 */
    {0x0000000000000001, 0xc0874385446d71c3}, /* 5e-324 */
    {0x000fffffffffffff, 0xc086232bdd7abcd2}, /* 2.225073858507201e-308 */
    {0x4008000000000000, 0x3ff193ea7aad030b}, /* 3.0 */
    {0x7fefffffffffffff, 0x40862e42fefa39ef}, /* 1.7976931348623157e+308 */
};

static const case32 hard_log1p[] = {
    {0x35400003, 0x353fffff}, /* 1.28e-13 */
    {0xb53ffffd, 0xb5400001}, /* 1.28e-13 */
    {0x65d890d3, 0x4254d1f9}, /* 5.65e-11 */
    {0x3efd81ad, 0x3ecdeee1}, /* 1.15e-10 */
    {0x3710001b, 0x370ffff3}, /* 1.66e-10 */
    {0xb70fffe5, 0xb710000d}, /* 1.66e-10 */
    {0x55185f82, 0x41efd648}, /* 2.72e-10 */
    {0x41078feb, 0x400fe5e7}, /* 3.45e-10 */
    {0x66a8c860, 0x42595e46}, /* 4.33e-10 */
    {0xbb0ec8c4, 0xbb0ef0a5}, /* 4.59e-10 */
    {0x6f31a8ec, 0x42845a89}, /* 8.5e-10 */
    {0x3770004b, 0x376fffdb}, /* 1.28e-09 */
    {0xb76fffb5, 0xb7700025}, /* 1.28e-09 */
    {0x4665a5a6, 0x41198725}, /* 1.36e-09 */
    {0x5ee8984e, 0x422e4a21}, /* 1.41e-09 */
    {0x79e7ec37, 0x42a1ffb7}, /* 1.62e-09 */
    {0x3ebe9143, 0x3ea20160}, /* 1.64e-09 */
    {0x3ddbfec3, 0x3dd0f671}, /* 3.09e-09 */
    {0x464d572b, 0x4117bcf1}, /* 3.22e-09 */
    {0x36dedace, 0x36deda9d}, /* 3.4e-09 */
    {0x66abbd63, 0x4259700e}, /* 3.74e-09 */
    {0x5d800341, 0x42265b10}, /* 5.23e-09 */
    {0x62b467ba, 0x42437434}, /* 5.46e-09 */
    {0x5f64c24a, 0x4230fee2}, /* 5.95e-09 */
    {0x37c6e0e0, 0x37c6e046}, /* 6.41e-09 */
    {0xb7c6e012, 0xb7c6e0ac}, /* 6.41e-09 */
    {0x6d1f23eb, 0x427d2d35}, /* 6.71e-09 */
    {0x7d98b8f4, 0x42ac40f2}, /* 7.55e-09 */
    {0x50da4bf6, 0x41c0ce7f}, /* 7.85e-09 */
    {0x7405dee8, 0x4291a68d}, /* 8.47e-09 */
    {0xba800b50, 0xba801b55}, /* 8.72e-09 */
    {0x4b773259, 0x4184cde8}, /* 8.73e-09 */
};

#define DIGEST_log1p 0x083c9cfbdf4ffe23u

static const case64 wide_log1p[] = {
    {0x3fe0000000000000, 0x3fd9f323ecbf984c}, /* 0.5 */
    {0xbfe0000000000000, 0xbfe62e42fefa39ef}, /* -0.5 */
    {0x3c670ef54646d497, 0x3c670ef54646d497}, /* 1e-17 */
    {0xbe112e0be826d695, 0xbe112e0be84bbb51}, /* -1e-09 */
    {0x01a56e1fc2f8f359, 0x01a56e1fc2f8f359}, /* 1e-300 */
    {0xbfefffffffffffff, 0xc0425e4f7b2737fa}, /* -0.9999999999999999 */
    {0x3fda827999fcef32, 0x3fd62e42fefa39ef}, /* 0.41421356237309503 */
    {0xbfd2bec333018867, 0xbfd62e42fefa39ef}, /* -0.2928932188134525 */
    {0x430c6bf526340000, 0x404144f69ff9ffc4}, /* 1000000000000000.0 */
    {0x4376345785d8a000, 0x4043926cd770aa67}, /* 1e+17 */
    {0x7fefffffffffffff, 0x40862e42fefa39ef}, /* 1.7976931348623157e+308 */
    {0xbfb999999999999a, 0xbfbaf8e8210a415e}, /* -0.1 */
};

static const case32 hard_tanh[] = {
    {0x3ac37de2, 0x3ac37dd9}, /* 9.38e-09 */
    {0x3eee0566, 0x3ede3cbe}, /* 1.7e-08 */
    {0x3cd41b91, 0x3cd40f70}, /* 2.35e-08 */
    {0x40acb4d0, 0x3f7ffd50}, /* 2.57e-08 */
    {0x40c5e8ca, 0x3f7fff71}, /* 3.39e-08 */
    {0x3d7c3055, 0x3d7bdee1}, /* 3.43e-08 */
    {0x3c96ae2e, 0x3c96a9d5}, /* 3.46e-08 */
    {0x40a6ef82, 0x3f7ffc25}, /* 3.87e-08 */
    {0x3f20b67f, 0x3f0e786b}, /* 4.41e-08 */
    {0x3ff8bc7e, 0x3f75b4df}, /* 4.59e-08 */
    {0x4013cd84, 0x3f7affb3}, /* 4.93e-08 */
    {0x3bc8b605, 0x3bc8b561}, /* 5.01e-08 */
    {0x3f97fbc7, 0x3f546b44}, /* 5.19e-08 */
    {0x3ef6afee, 0x3ee537fe}, /* 5.83e-08 */
    {0x3adbc904, 0x3adbc8f6}, /* 5.85e-08 */
    {0x39b89ba2, 0x39b89ba2}, /* 5.99e-08 */
    {0x39b89ba3, 0x39b89ba2}, /* 6.4e-08 */
    {0x40c7b05f, 0x3f7fff80}, /* 6.84e-08 */
    {0x3f172be6, 0x3f07bf71}, /* 7.41e-08 */
    {0x3e150cd4, 0x3e14019e}, /* 8.51e-08 */
    {0x3dc95db7, 0x3dc8b83d}, /* 9.17e-08 */
    {0x3fb3c82a, 0x3f62e68b}, /* 9.23e-08 */
    {0x3dee483b, 0x3ded3676}, /* 9.65e-08 */
    {0x3c4e34b0, 0x3c4e31e7}, /* 9.7e-08 */
    {0x3a5e773a, 0x3a5e7736}, /* 1e-07 */
    {0x3da99442, 0x3da93150}, /* 1.02e-07 */
    {0x3f325d3b, 0x3f1a2fc3}, /* 1.04e-07 */
    {0x4053eea7, 0x3f7f51f5}, /* 1.08e-07 */
    {0x3bc11b0b, 0x3bc11a78}, /* 1.1e-07 */
    {0x3ca1e990, 0x3ca1e42a}, /* 1.12e-07 */
    {0x3a27ba3b, 0x3a27ba39}, /* 1.18e-07 */
    {0x3abc6065, 0x3abc605d}, /* 1.19e-07 */
};

#define DIGEST_tanh 0xfc10701318dc8bd2u

static const case64 wide_tanh[] = {
    {0x3fe0000000000000, 0x3fdd9353d7568af3}, /* 0.5 */
    {0xbfdfffffffffffff, 0xbfdd9353d7568af3}, /* -0.49999999999999994 */
    {0x3e112e0be826d695, 0x3e112e0be826d695}, /* 1e-09 */
    {0x01a56e1fc2f8f359, 0x01a56e1fc2f8f359}, /* 1e-300 */
    {0x3ff0000000000000, 0x3fe85efab514f394}, /* 1.0 */
    {0x4008000000000000, 0x3fefd77d111a0b00}, /* 3.0 */
    {0xc023000000000000, 0xbfeffffff9fbea41}, /* -9.5 */
    {0x4032800000000000, 0x3feffffffffffffe}, /* 18.5 */
    {0x3f847ae147ae147b, 0x3f847ab48ae4595e}, /* 0.01 */
    {0xbfb999999999999a, 0xbfb983d7795f413a}, /* -0.1 */
    {0x3fd3333333333333, 0x3fd2a4dda7d914fa}, /* 0.3 */
    {0x4039000000000000, 0x3ff0000000000000}, /* 25.0 */
};

static const case32 hard_sin[] = {
    {0x73243f06, 0x3e943a84}, /* 4.69e-10 */
    {0x46199998, 0xbeb1fa5d}, /* 6.56e-10 */
    {0x55cafb2a, 0xbf7e7a17}, /* 1.27e-09 */
    {0x67a9242b, 0xbf7fab81}, /* 1.4e-09 */
    {0x4371ade3, 0x3e62da56}, /* 2.07e-09 */
    {0x5f208d82, 0x3f2c7688}, /* 2.32e-09 */
    {0x7a5aacdb, 0x3eda83bb}, /* 2.93e-09 */
    {0x6446cec0, 0xbf6995bd}, /* 3.01e-09 */
    {0x79d1f6d3, 0xbf7a88ee}, /* 3.12e-09 */
    {0x61dfc847, 0xbf0094df}, /* 3.57e-09 */
    {0x5dadd689, 0xbf74fc9e}, /* 3.72e-09 */
    {0x4fb56937, 0xbf7ffcb7}, /* 3.81e-09 */
    {0x653cee8f, 0x3f30df39}, /* 4.06e-09 */
    {0x7a817b08, 0x3e1b493e}, /* 4.14e-09 */
    {0x6d734599, 0xbf5b5135}, /* 4.38e-09 */
    {0x3ef3830f, 0x3eea6f45}, /* 4.49e-09 */
    {0x45a8abb3, 0x3e51ade2}, /* 4.54e-09 */
    {0x6a3f60ff, 0xbf79ee5f}, /* 5e-09 */
    {0x3dcf5597, 0x3dcefaf9}, /* 5.51e-09 */
    {0x4967cb9b, 0x3ec9df85}, /* 5.93e-09 */
    {0x5a935f4c, 0x3f5f0fa8}, /* 6.59e-09 */
    {0x58dfb085, 0xbf5585ae}, /* 6.81e-09 */
    {0x4aa5a796, 0x3f7ff108}, /* 6.88e-09 */
    {0x42d44528, 0xbf20c9a7}, /* 8.32e-09 */
    {0x4ecd11c7, 0x3f37516c}, /* 8.95e-09 */
    {0x616d8730, 0x3f67ef01}, /* 9.2e-09 */
    {0x7f2a2ca7, 0x3efdc03d}, /* 9.5e-09 */
    {0x521945ed, 0xbd933a00}, /* 9.76e-09 */
    {0x7c2e964a, 0xbef4a5ec}, /* 1.01e-08 */
    {0x4a987933, 0xbf70f319}, /* 1.03e-08 */
    {0x6dcea82e, 0x3f40f5e1}, /* 1.06e-08 */
    {0x4df947f3, 0xbf1f1f91}, /* 1.06e-08 */
};

#define DIGEST_sin 0x10b15e2c9183fbebu

static const case64 wide_sin[] = {
    {0x3fe0000000000000, 0x3fdeaee8744b05f0}, /* 0.5 */
    {0xbff0000000000000, 0xbfeaed548f090cee}, /* -1.0 */
    {0x400921fb54442d18, 0x3ca1a62633145c07}, /* 3.141592653589793 */
    {0x3fe921fb54442d18, 0x3fe6a09e667f3bcc}, /* 0.7853981633974483 */
    {0x7506ac5b262ca1ff, 0x3ff0000000000000}, /* 5.319372648326541e+255 */
    {0x4480f0cf064dd592, 0xbfeb453ab76bf397}, /* 1e+22 */
    {0x411fffff00000000, 0xbfb4dcf4703b2914}, /* 524287.75 */
    {0x4120000080000000, 0x3fda00ff5a0f0667}, /* 524288.25 */
    {0x3e112e0be826d695, 0x3e112e0be826d695}, /* 1e-09 */
    {0x7fefffffffffffff, 0x3f7452fc98b34e97}, /* 1.7976931348623157e+308 */
    {0xc012d97c7f3321d2, 0x3ff0000000000000}, /* -4.71238898038469 */
    {0x40f86a0000000000, 0x3fa24daa9c527e96}, /* 100000.0 */
};

static const case32 hard_cos[] = {
    {0x6115cb11, 0x3f78142f}, /* 2.43e-10 */
    {0x59443c0a, 0x3f425f62}, /* 2.47e-10 */
    {0x5f18b878, 0x3f7f14bb}, /* 3.13e-10 */
    {0x7a4b1a27, 0x3f7c54da}, /* 6.03e-10 */
    {0x5922aa80, 0x3f08aebf}, /* 1.29e-09 */
    {0x7908cd73, 0x3f798bb5}, /* 1.38e-09 */
    {0x61703976, 0x3edacc56}, /* 1.47e-09 */
    {0x3c107fe6, 0x3f7ffd74}, /* 1.69e-09 */
    {0x55e5235d, 0xbe83c11a}, /* 2.07e-09 */
    {0x39800000, 0x3f800000}, /* 2.48e-09 */
    {0x424790ce, 0x3f6e4c01}, /* 3.63e-09 */
    {0x3a544395, 0x3f7ffffb}, /* 3.73e-09 */
    {0x4a01dca4, 0x3f30b318}, /* 5.75e-09 */
    {0x7a38ab34, 0x3f7b3195}, /* 5.96e-09 */
    {0x52d9d3fe, 0xbf5e187b}, /* 6.04e-09 */
    {0x42378db8, 0xbea87a07}, /* 6.26e-09 */
    {0x7c69ae1e, 0xbf7ff9fe}, /* 7.29e-09 */
    {0x4986afee, 0x3f090d16}, /* 7.41e-09 */
    {0x47a0e238, 0x3f7e19dd}, /* 8.03e-09 */
    {0x76d7173f, 0x3f266b3e}, /* 8.06e-09 */
    {0x7c64841e, 0xbf7fc6f8}, /* 8.39e-09 */
    {0x744fd5d8, 0x3f6cb54a}, /* 8.45e-09 */
    {0x52f88494, 0x3f5c5971}, /* 8.7e-09 */
    {0x543f6e04, 0x3f0f0187}, /* 9.06e-09 */
    {0x5a8c921b, 0x3f5ea913}, /* 9.35e-09 */
    {0x6978e912, 0xbd769ca5}, /* 9.95e-09 */
    {0x64933b14, 0x3d4bf754}, /* 1.05e-08 */
    {0x46f85a22, 0xbf4232b9}, /* 1.06e-08 */
    {0x51abf5aa, 0xbcc6b7a4}, /* 1.1e-08 */
    {0x77f7b624, 0x3f67741e}, /* 1.13e-08 */
    {0x3a0f1bbd, 0x3f7ffffd}, /* 1.13e-08 */
    {0x4e5b65ff, 0xbf62075d}, /* 1.14e-08 */
};

#define DIGEST_cos 0x83bed466e62ab4b2u

static const case64 wide_cos[] = {
    {0x3fe0000000000000, 0x3fec1528065b7d50}, /* 0.5 */
    {0xbff0000000000000, 0x3fe14a280fb5068c}, /* -1.0 */
    {0x3ff921fb54442d18, 0x3c91a62633145c07}, /* 1.5707963267948966 */
    {0x3fe921fb54442d19, 0x3fe6a09e667f3bcc}, /* 0.7853981633974484 */
    {0x7506ac5b262ca1ff, 0xbc214ae72e6ba22f}, /* 5.319372648326541e+255 */
    {0x4480f0cf064dd592, 0x3fe0be2cef01c8f4}, /* 1e+22 */
    {0x411fffff00000000, 0x3fefe4c0176ab835}, /* 524287.75 */
    {0x4120000080000000, 0x3fed3d50f9546c43}, /* 524288.25 */
    {0x3e112e0be826d695, 0x3ff0000000000000}, /* 1e-09 */
    {0x7fefffffffffffff, 0xbfefffe62ecfab75}, /* 1.7976931348623157e+308 */
    {0xc012d97c7f3321d2, 0xbcaa79394c9e8a0a}, /* -4.71238898038469 */
    {0x40f86a0000000000, 0xbfeffac3841b3da7}, /* 100000.0 */
};

static const case32 hard_erf[] = {
    {0x3940ead6, 0x3959af14}, /* 1.56e-10 */
    {0x39c0057d, 0x39d8ac49}, /* 4.77e-09 */
    {0x358e9d2d, 0x35a0ec32}, /* 7.86e-09 */
    {0x36aea466, 0x36c51007}, /* 7.96e-09 */
    {0x00aa320c, 0x00c00b88}, /* 1.52e-08 */
    {0x012a320c, 0x01400b88}, /* 1.52e-08 */
    {0x01aa320c, 0x01c00b88}, /* 1.52e-08 */
    {0x022a320c, 0x02400b88}, /* 1.52e-08 */
    {0x02aa320c, 0x02c00b88}, /* 1.52e-08 */
    {0x032a320c, 0x03400b88}, /* 1.52e-08 */
    {0x03aa320c, 0x03c00b88}, /* 1.52e-08 */
    {0x042a320c, 0x04400b88}, /* 1.52e-08 */
    {0x04aa320c, 0x04c00b88}, /* 1.52e-08 */
    {0x052a320c, 0x05400b88}, /* 1.52e-08 */
    {0x05aa320c, 0x05c00b88}, /* 1.52e-08 */
    {0x062a320c, 0x06400b88}, /* 1.52e-08 */
    {0x06aa320c, 0x06c00b88}, /* 1.52e-08 */
    {0x072a320c, 0x07400b88}, /* 1.52e-08 */
    {0x07aa320c, 0x07c00b88}, /* 1.52e-08 */
    {0x082a320c, 0x08400b88}, /* 1.52e-08 */
    {0x08aa320c, 0x08c00b88}, /* 1.52e-08 */
    {0x092a320c, 0x09400b88}, /* 1.52e-08 */
    {0x09aa320c, 0x09c00b88}, /* 1.52e-08 */
    {0x0a2a320c, 0x0a400b88}, /* 1.52e-08 */
    {0x0aaa320c, 0x0ac00b88}, /* 1.52e-08 */
    {0x0b2a320c, 0x0b400b88}, /* 1.52e-08 */
    {0x0baa320c, 0x0bc00b88}, /* 1.52e-08 */
    {0x0c2a320c, 0x0c400b88}, /* 1.52e-08 */
    {0x0caa320c, 0x0cc00b88}, /* 1.52e-08 */
    {0x0d2a320c, 0x0d400b88}, /* 1.52e-08 */
    {0x0daa320c, 0x0dc00b88}, /* 1.52e-08 */
    {0x0e2a320c, 0x0e400b88}, /* 1.52e-08 */
};

#define DIGEST_erf 0x8e180aabe605ed63u

static const case64 wide_erf[] = {
    {0x3fe0000000000000, 0x3fe0a7ef5c18edd2}, /* 0.5 */
    {0xbff0000000000000, 0xbfeaf767a741088b}, /* -1.0 */
    {0x3ff0000000000001, 0x3feaf767a741088c}, /* 1.0000000000000002 */
    {0x3fb999999999999a, 0x3fbcca5ea24fb334}, /* 0.1 */
    {0x01a56e1fc2f8f359, 0x01a82e6d98711d3a}, /* 1e-300 */
    {0x4000000000000000, 0x3fefd9ae142795e3}, /* 2.0 */
    {0xc00c000000000000, 0xbfeffffe710d565e}, /* -3.5 */
    {0x401799999999999a, 0x3fefffffffffffff}, /* 5.9 */
    {0x3e112e0be826d695, 0x3e1362a9ffc610dd}, /* 1e-09 */
    {0x3feae147ae147ae1, 0x3fe87c0c914f1a58}, /* 0.84 */
    {0x3ff4cccccccccccd, 0x3fede364a1372d3a}, /* 1.3 */
    {0xbf9eb851eb851eb8, 0xbfa153a2fe6dc839}, /* -0.03 */
};

#endif
