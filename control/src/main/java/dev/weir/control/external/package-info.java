// SPDX-License-Identifier: Apache-2.0
/// Guards of a release that somebody else measures: a query to Prometheus and what its answer must
/// be. What cannot be measured is never held against the version.
@NullMarked
package dev.weir.control.external;

import org.jspecify.annotations.NullMarked;
