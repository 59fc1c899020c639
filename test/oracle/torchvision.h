/* Parameters under torchvision's names and in its layouts, as the metric cases have them. */
#ifndef SPAE_ORACLE_TORCHVISION_H
#define SPAE_ORACLE_TORCHVISION_H

#include "../../nn/network.h"
#include "case.h"

/* The values of all declared parameters of a ResNet, VGG16, AlexNet, LPIPS, Inception-v3 or I3D, read from the case's params under the names of the
 * published state dicts: convolutions (out,in,kh,kw), linear weights (out,in). The file must hold exactly these. */
real *oracle_read_torchvision(oracle_case *c, const spae_parameters *parameters);

#endif
