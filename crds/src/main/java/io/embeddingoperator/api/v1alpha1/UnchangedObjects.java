package io.embeddingoperator.api.v1alpha1;

/** What a run does with objects that did not change since the last one. */
public enum UnchangedObjects {
    /** Their rows stay as they are. */
    Skip,
    /** They are read as if they were new; documents that did not change are not embedded again. */
    Read
}
