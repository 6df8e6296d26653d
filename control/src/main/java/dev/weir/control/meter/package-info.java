// SPDX-License-Identifier: Apache-2.0

/// How the control plane's meters are registered: as the catalogue of metrics declares them.
@NullMarked
package dev.weir.control.meter;

import org.jspecify.annotations.NullMarked;
