// SPDX-License-Identifier: Apache-2.0

/// Tests of the proof of a release.
@NullMarked
package dev.weir.analysis.proof;

import org.jspecify.annotations.NullMarked;
