package io.embeddingoperator.api.v1alpha1;

/** Whose rows a table may hold beside those of the job that names it. */
public enum TableOwnership {
    /** Of no other job: the table is created by this job, empty, or its own already. */
    Own,
    /** Of other jobs that say Share as well, and of other programs: each job replaces and removes its own rows alone. */
    Share,
    /** The job takes the table over: what it holds at that moment becomes the job's own, and former owners are shut out. */
    Adopt
}
