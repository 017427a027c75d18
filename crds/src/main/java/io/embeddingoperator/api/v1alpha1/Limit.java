package io.embeddingoperator.api.v1alpha1;

/**
 * The most that a manifest and its status may hold, field by field: each number stands here alone. The annotations of the records carry it into
 * the schema, where an API server enforces it, and {@link Bounds} enforces it everywhere else. Texts are counted in characters.
 */
public final class Limit {
    /** The name of an object of Kubernetes, or of a key in a Secret. */
    public static final int NAME = 253;

    /** The name of a label or annotation: a domain, a slash and a name. */
    public static final int QUALIFIED_KEY = 317;

    /** A name of RFC 1123's label form, and the value of a label. */
    public static final int LABEL = 63;

    /** A table with its schema, both in quotes. */
    public static final int TABLE = 264;

    /** A column of a table, or a field of a file. */
    public static final int COLUMN = 256;

    /** Columns or fields of one list. */
    public static final int COLUMNS = 128;

    /** Columns that make one key: an index on them has at most 32. */
    public static final int KEY_COLUMNS = 32;

    /** A condition in SQL. */
    public static final int CONDITION = 4_096;

    public static final int URL = 2_048;

    /** A path, a glob or the key of an object. */
    public static final int PATH = 1_024;

    /** A container image with its registry and digest. */
    public static final int IMAGE = 512;

    /** The name of a model, as its provider or hub has it. */
    public static final int MODEL = 256;

    /** Numbers of a vector: pgvector's columns take no more. */
    public static final int DIMENSIONS = 16_000;

    /** A version, a revision or a region. */
    public static final int VERSION = 128;

    /** A text that is put before every document or search. */
    public static final int PREFIX = 2_048;

    /** A checksum in hexadecimal digits. */
    public static final int SHA256 = 64;

    /** US dollars as {@link BudgetSpec#FORM} has them. */
    public static final int USD = 16;

    /** A schedule in cron's five fields. */
    public static final int SCHEDULE = 128;

    /** Finished runs of a job whose pods stay. */
    public static final int FINISHED_RUNS = 100;

    /** The value of an annotation, of an environment variable or of a header. */
    public static final int VALUE = 1_024;

    /** Labels, annotations, variables and the like of one template. */
    public static final int ENTRIES = 64;

    /** Headers of one server. */
    public static final int HEADERS = 16;

    /** Volumes, and mounts of them. */
    public static final int VOLUMES = 16;

    /** A quantity such as 500m or 16Gi. */
    public static final int QUANTITY = 32;

    /** Documents that a status shows of those that failed. */
    public static final int SHOWN_FAILURES = 10;

    /** The key or the reason of a document that failed, as a status shows it. */
    public static final int SHOWN_TEXT = 256;

    /** A time or a decimal of a status. */
    public static final int SHOWN_VALUE = 64;

    /** Pods of one endpoint. */
    public static final int REPLICAS = 1_000;

    /** Conditions of a status, those of others included. */
    public static final int CONDITIONS = 32;

    private Limit() {}
}
