// SPDX-License-Identifier: Apache-2.0

/// Tests of certificates from files.
@NullMarked
package dev.weir.server.tls;

import org.jspecify.annotations.NullMarked;
