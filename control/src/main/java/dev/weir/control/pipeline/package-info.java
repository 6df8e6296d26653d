// SPDX-License-Identifier: Apache-2.0

/// The path of a write that comes over the API: authorise, decode, validate, commit. It knows no
/// HTTP.
@NullMarked
package dev.weir.control.pipeline;

import org.jspecify.annotations.NullMarked;
