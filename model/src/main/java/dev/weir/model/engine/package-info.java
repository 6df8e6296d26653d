// SPDX-License-Identifier: Apache-2.0

/// What Weir knows about the server program behind a version: the profile of each built-in engine
/// is data in `engines.yaml`, and a manifest can describe any other engine.
@NullMarked
package dev.weir.model.engine;

import org.jspecify.annotations.NullMarked;
