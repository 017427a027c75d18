package io.embeddingoperator.runner.sink.generation;

import io.embeddingoperator.runner.postgres.Identifier;
import io.embeddingoperator.runner.postgres.TableName;
import io.embeddingoperator.runner.sink.state.Generations;
import io.embeddingoperator.runner.sink.table.PresentTable;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/** A table under its name, which its indexes bear as well, and under which the state knows it. */
final class NamedTable {
    private NamedTable() {}

    /** Gives a table another name, all of it in the caller's transaction. No table may have that name. */
    static void rename(Connection connection, Statement statement, TableName from, TableName to) throws SQLException {
        long table = PresentTable.find(connection, from).orElseThrow().oid();
        statement.execute("ALTER TABLE %s RENAME TO %s".formatted(from.sql(), Identifier.quote(to.table())));
        String indexes =
                "SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = ? ORDER BY 1";
        for (String index : Catalogue.texts(connection, indexes, table)) {
            if (index.startsWith(from.table())) {
                String renamed = Identifier.withSuffix(
                        to.table(), index.substring(from.table().length()));
                statement.execute("ALTER INDEX %s RENAME TO %s"
                        .formatted(new TableName(from.schema(), index).sql(), Identifier.quote(renamed)));
            }
        }
        Generations.rename(connection, from, to);
    }
}
