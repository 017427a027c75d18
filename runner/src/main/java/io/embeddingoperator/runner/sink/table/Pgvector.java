package io.embeddingoperator.runner.sink.table;

import com.pgvector.PGhalfvec;
import com.pgvector.PGvector;
import io.embeddingoperator.api.v1alpha1.DistanceMetric;
import io.embeddingoperator.api.v1alpha1.VectorType;
import io.embeddingoperator.runner.postgres.Identifier;
import java.lang.module.ModuleDescriptor.Version;
import java.util.Objects;
import org.postgresql.util.PGobject;

/**
 * The extension vector as it is installed in a database. Its names are always written with their schema: a role's
 * search path need not contain it.
 */
public record Pgvector(Version version, String schema) {
    static final Version OLDEST = Version.parse("0.8");

    private static final Version PARALLEL_BUILD_MENDED = Version.parse("0.8.2");

    public Pgvector {
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(schema, "schema");
    }

    /** The column type of a vector of the given length, as CREATE TABLE takes it. */
    public String columnType(VectorType type, int dimensions) {
        return "%s.%s(%d)".formatted(Identifier.quote(schema), typeName(type), dimensions);
    }

    /** A vector as the parameter of a statement. */
    public PGobject parameter(VectorType type, float[] vector) {
        PGobject parameter = switch (type) {
            case Vector -> new PGvector(vector);
            case HalfVector -> new PGhalfvec(vector);
        };
        // The driver takes what stands between the quotes as it is.
        parameter.setType("\"%s\".%s".formatted(schema, typeName(type)));
        return parameter;
    }

    /** The operator that the index serves. */
    public String operator(DistanceMetric metric) {
        String symbol = switch (metric) {
            case Cosine -> "<=>";
            case InnerProduct -> "<#>";
            case Euclidean -> "<->";
        };
        return "OPERATOR(%s.%s)".formatted(Identifier.quote(schema), symbol);
    }

    /** The bare name of the operator class that an index needs. */
    public static String operatorClass(VectorType type, DistanceMetric metric) {
        String suffix = switch (metric) {
            case Cosine -> "cosine";
            case InnerProduct -> "ip";
            case Euclidean -> "l2";
        };
        return "%s_%s_ops".formatted(typeName(type), suffix);
    }

    public static String typeName(VectorType type) {
        return switch (type) {
            case Vector -> "vector";
            case HalfVector -> "halfvec";
        };
    }

    /** The longest vector that an HNSW index takes. */
    public static int maxIndexedDimensions(VectorType type) {
        return switch (type) {
            case Vector -> 2000;
            case HalfVector -> 4000;
        };
    }

    /** Releases before 0.8.2 write beyond a buffer when they build an HNSW index with parallel workers. */
    public boolean mayBuildInParallel() {
        return version.compareTo(PARALLEL_BUILD_MENDED) >= 0;
    }
}
