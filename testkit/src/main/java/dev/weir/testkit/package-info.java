// SPDX-License-Identifier: Apache-2.0

/// Fakes without dependencies for the tests of all modules: a scriptable model server on a real
/// socket and a manual clock.
@NullMarked
package dev.weir.testkit;

import org.jspecify.annotations.NullMarked;
