// SPDX-License-Identifier: Apache-2.0

/// Registration of the control plane's meters as the metric catalogue declares them.
@NullMarked
package dev.weir.control.meter;

import org.jspecify.annotations.NullMarked;
