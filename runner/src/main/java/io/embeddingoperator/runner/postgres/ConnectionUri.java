package io.embeddingoperator.runner.postgres;

import java.util.Objects;
import org.postgresql.ds.PGSimpleDataSource;

/**
 * Where a database is and how to log in, as read from an environment variable. It holds a password: {@code toString}
 * shows server, port and database alone.
 */
public final class ConnectionUri {
    private final String variable;
    private final String jdbcUrl;

    private ConnectionUri(String variable, String jdbcUrl) {
        this.variable = variable;
        this.jdbcUrl = jdbcUrl;
    }

    /**
     * Reads the libpq form ({@code postgresql://user:password@host:port/database?sslmode=…}) or the JDBC form.
     *
     * @param variable names the environment variable in messages
     * @throws io.embeddingoperator.runner.failure.SpecificationException when the value is missing or has another form
     */
    public static ConnectionUri parse(String variable, String value) {
        Objects.requireNonNull(value, variable);
        return new ConnectionUri(variable, value);
    }

    /** The environment variable that this came from. */
    public String variable() {
        return variable;
    }

    /** A data source that opens a new connection on every call. */
    public PGSimpleDataSource dataSource() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(jdbcUrl);
        return source;
    }
}
