// SPDX-License-Identifier: Apache-2.0

/// The nouns: immutable records for every resource, its spec and observed status, and the catalogue
/// of problems a user can be told, with their YAML/JSON form.
@NullMarked
package dev.weir.model;

import org.jspecify.annotations.NullMarked;
