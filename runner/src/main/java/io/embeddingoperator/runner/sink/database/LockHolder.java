package io.embeddingoperator.runner.sink.database;

import io.embeddingoperator.runner.postgres.ServerSession;
import io.embeddingoperator.runner.postgres.TrustedRoles;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/**
 * Who holds an advisory lock. Any role of the server can take any of them, on purpose or by chance, so that one that is held does
 * not mean that a runner is at work.
 *
 * @param atWork whether the lock is sure to be given back: a session of a role that this one trusts does something, or an index
 *     is built
 * @param ownRole whether the session belongs to a role that this one trusts
 */
record LockHolder(String sentence, boolean atWork, boolean ownRole) {
    /**
     * A session that builds an index holds this lock on the table, for which no one's rights suffice who may not write to it;
     * what it runs the server does not tell to another role.
     */
    private static final String SQL = TrustedRoles.WITH_TRUSTED + "SELECT " + ServerSession.COLUMNS + """
            ,
              a.usesysid IN (SELECT role FROM trusted) AS own_role,
              coalesce(a.state = 'active' OR a.state_change > clock_timestamp() - make_interval(secs => ?), false) AS busy,
              EXISTS (SELECT FROM pg_locks t WHERE t.pid = l.pid AND t.granted AND t.locktype = 'relation'
                        AND t.database = l.database AND t.relation = to_regclass(?)
                        AND t.mode IN ('ShareUpdateExclusiveLock', 'ShareLock')) AS indexing
            FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
              AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND l.classid::bigint = ? AND l.objid::bigint = ?
            ORDER BY own_role, l.pid LIMIT 1
            """;

    private static final long LOW_HALF = 0xFFFF_FFFFL;

    /**
     * Empty when it was given back in the meantime.
     *
     * @param table whose index the holder may be building; its name as in SQL
     * @param aliveSeconds a runner that holds the lock gives a sign of life more often
     */
    static Optional<LockHolder> of(Connection connection, long key, String table, int aliveSeconds)
            throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(SQL)) {
            statement.setDouble(1, aliveSeconds);
            statement.setString(2, table);
            statement.setLong(3, key >>> Integer.SIZE);
            statement.setLong(4, key & LOW_HALF);
            try (ResultSet row = statement.executeQuery()) {
                return row.next() ? Optional.of(read(row)) : Optional.empty();
            }
        }
    }

    private static LockHolder read(ResultSet row) throws SQLException {
        if (row.getObject("pid") == null) {
            return new LockHolder(
                    "a prepared transaction (SELECT * FROM pg_prepared_xacts; ROLLBACK PREPARED ends it)",
                    false,
                    false);
        }
        boolean indexing = row.getBoolean("indexing");
        boolean ownRole = row.getBoolean("own_role");
        String session = ServerSession.read(row).sentence();
        return new LockHolder(
                indexing ? session + ", which builds the index" : session,
                indexing || ownRole && row.getBoolean("busy"),
                ownRole);
    }
}
