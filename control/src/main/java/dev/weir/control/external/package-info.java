// SPDX-License-Identifier: Apache-2.0
/// External metrics of a release: queries to Prometheus with conditions on the results. A failed
/// measurement never counts against the version.
@NullMarked
package dev.weir.control.external;

import org.jspecify.annotations.NullMarked;
