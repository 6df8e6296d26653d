// SPDX-License-Identifier: Apache-2.0

/// What the proof of a release covers, and how a ramp bounds the harm while the proof grows.
///
/// Source: Xu et al., "SQR: Balancing Speed, Quality and Risk in Online Experiments", KDD 2018.
package dev.weir.analysis.proof;
