package io.embeddingoperator.api.v1alpha1;

/** Where documents come from. */
public sealed interface Source permits PostgresSource, DocumentFiles {}
