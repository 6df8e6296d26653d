// SPDX-License-Identifier: Apache-2.0
/// What trial `overload` asks with: tenants that each send at their own pace, whatever becomes of
/// it.
@NullMarked
package dev.weir.trials.overload;

import org.jspecify.annotations.NullMarked;
