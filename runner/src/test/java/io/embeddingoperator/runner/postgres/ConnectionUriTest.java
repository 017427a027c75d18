package io.embeddingoperator.runner.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.embeddingoperator.runner.failure.SpecificationException;
import io.embeddingoperator.runner.testing.TestingPostgres;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.PGProperty;
import org.postgresql.ds.PGSimpleDataSource;

class ConnectionUriTest {
    private static final String FORMS =
            "write postgresql://user:password@host:port/database or jdbc:postgresql://host:port/database";

    @Test
    void libpqFormIsDecodedAndMappedToTheDriver() throws SQLException {
        PGSimpleDataSource source = parse("postgresql://an%40a:p%3A%2F%40%25+%C3%A9@db.example:6432/my%20wiki"
                        + "?sslmode=verify-full&sslrootcert=/etc/ca.pem&connect_timeout=3"
                        + "&options=-c%20search_path%3Da&target_session_attrs=read-write&channel_binding=require")
                .dataSource();

        assertThat(source.getServerNames()).containsExactly("db.example");
        assertThat(source.getPortNumbers()).containsExactly(6432);
        assertThat(source.getUser()).isEqualTo("an@a");
        assertThat(source.getPassword()).isEqualTo("p:/@%+é");
        assertThat(source.getDatabaseName()).isEqualTo("my wiki");
        assertThat(source.getSslMode()).isEqualTo("verify-full");
        assertThat(source.getSslRootCert()).isEqualTo("/etc/ca.pem");
        assertThat(source.getConnectTimeout()).isEqualTo(3);
        assertThat(source.getOptions()).isEqualTo("-c search_path=a");
        assertThat(source.getTargetServerType()).isEqualTo("primary");
        assertThat(source.getProperty(PGProperty.CHANNEL_BINDING)).isEqualTo("require");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            postgresql://u:p@a,b/d                                       | primary
            jdbc:postgresql://a,b:6000/d?user=u                          | primary
            postgresql://u:p@a,b/d?target_session_attrs=read-write       | primary
            postgresql://u:p@a,b/d?target_session_attrs=any              | any
            jdbc:postgresql://a,b/d?user=u&targetServerType=preferPrimary | preferPrimary
            postgresql://u:p@a/d                                         | any
            """)
    void ofSeveralServersTheOneIsWrittenToThatTakesWrites(String uri, String target) {
        assertThat(parse(uri).forWriting().dataSource().getTargetServerType()).isEqualTo(target);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            postgresql://u:p@a,b:6000/d           | a:5432,b:6000/d
            postgres://u:p@h/d                    | h:5432/d
            postgresql://u@h                      | h:5432/u
            postgresql:///d                       | localhost:5432
            postgresql://127.0.0.1/d              | 127.0.0.1:5432
            postgresql://secret                   | the server
            postgresql://reader:5432/secret       | the server
            jdbc:postgresql:secret                | localhost:5432
            postgresql://u:p@[::1]:5433/d         | [::1]:5433/d
            postgresql://u:p@[fe80::1]/d          | [fe80::1]:5432/d
            postgresql://u:p@/d?host=h&port=5434  | h:5434/d
            jdbc:postgresql://h/d?user=u&password=p | h:5432/d
            jdbc:postgresql://a,b:6000/d?user=u   | a:5432,b:6000/d
            jdbc:postgresql://[::1]:5433/d        | [::1]:5433
            jdbc:postgresql://h/d;password=secret?user=u | h:5432
            jdbc:postgresql://h/d&password=secret?user=u | h:5432
            postgresql://u:p@h/d;password=secret  | h:5432
            postgresql://u:p@h/d#secret           | h:5432
            postgresql://reader:5432/secret?user=reader | the server
            """)
    void showsServersAndDatabaseAlone(String uri, String shown) {
        assertThat(parse(uri)).hasToString(shown);
    }

    @Test
    void leavesOutWhatLibpqLeavesOut() {
        PGSimpleDataSource source = parse("postgresql://").dataSource();

        assertThat(source.getServerNames()).containsExactly("localhost");
        assertThat(source.getUser()).isEqualTo(System.getProperty("user.name"));
        assertThat(source.getDatabaseName()).isEqualTo(System.getProperty("user.name"));
        assertThat(source.getPassword()).isNull();
        assertThat(source.getSslMode()).isNull();
        assertThat(source.getApplicationName()).isEqualTo("embedding-operator");
        assertThat(source.getTcpKeepAlive()).isTrue();
    }

    @Test
    void ipv6ReachesTheDriverAsOneHost() {
        assertThat(parse("postgresql://u:p@[::1]:5433/d").dataSource().getUrl())
                .startsWith("jdbc:postgresql://[::1]:5433/d?");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?application_name=mine", "?sslmode=disable"})
    void bothFormsLogInToARealServer(String parameters) throws SQLException {
        String libpq = TestingPostgres.shared().uri();
        String jdbc =
                libpq.replaceFirst("postgresql://([^:]*):([^@]*)@(.*)", "jdbc:postgresql://$3?user=$1&password=$2")
                        + parameters.replace("?", "&").replace("application_name", "ApplicationName");
        for (String uri : new String[] {libpq + parameters, jdbc, " " + libpq + parameters + "\n"}) {
            try (Connection connection = parse(uri).dataSource().getConnection();
                    ResultSet row = connection.createStatement().executeQuery("SHOW application_name")) {
                row.next();
                assertThat(row.getString(1)).isEqualTo(parameters.contains("mine") ? "mine" : "embedding-operator");
            }
        }
    }

    @Test
    void missingValueNamesTheVariable() {
        assertRefused(null, "EMBEDDING_SOURCE_URI is not set: " + FORMS);
        assertRefused(" \n", "EMBEDDING_SOURCE_URI is empty: " + FORMS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mysql://u:secret@h/d", "host=h password=secret", "secret", "postgresql:secret"})
    void anotherFormIsRefusedWithoutShowingIt(String uri) {
        assertRefused(
                uri,
                "EMBEDDING_SOURCE_URI is no PostgreSQL URI (its value is not shown, it may hold a password): " + FORMS);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            jdbc:mysql://h/d?password=secret | begins with jdbc: and is no PostgreSQL URI (its value is not shown, it may hold a password): write postgresql://user:password@host:port/database or jdbc:postgresql://host:port/database
            jdbc:postgresql://u:secret@h/d | is a jdbc: URI with an @ before its parameters: write user and password as parameters (?user=…&password=…), or use the form postgresql://
            jdbc:postgresql://h/d?pasword=secret | has a parameter that is not supported here: correct it or leave it out, and write an & of your own as %26
            jdbc:postgresql://h/d?sslmode=strict | has a value of sslmode that is none: use disable, allow, prefer, require, verify-ca or verify-full
            postgresql://h/d?sslmode=no-verify | has a value of sslmode that is none: use disable, allow, prefer, require, verify-ca or verify-full
            postgresql://h/d?pgbouncer=true | has a parameter that is not supported here: correct it or leave it out, and write an & of your own as %26
            postgresql://u:p@h/d?service=secret | has a parameter that is not supported here (service): correct it or leave it out, and write an & of your own as %26
            postgresql://h/d?user=u&password=a&secret=1 | has a parameter that is not supported here: correct it or leave it out, and write an & of your own as %26
            postgresql://h/d?user=u&password=a&secret | has a parameter without =: write ?name=value&name=value
            postgresql://h/d?sslmode=secret | has a value of sslmode that is none: use disable, allow, prefer, require, verify-ca or verify-full
            postgresql://h/d?keepalives=secret | has a value of keepalives that is none: use one of 0, 1
            jdbc:postgresql://h/d?user=u&password=a&secret=2 | has a parameter that is not supported here: correct it or leave it out, and write an & of your own as %26
            jdbc:postgresql://u:secret/d | begins with jdbc: and is no PostgreSQL URI (its value is not shown, it may hold a password): write postgresql://user:password@host:port/database or jdbc:postgresql://host:port/database
            jdbc:postgresql://h/d?user=u&password=%secret | begins with jdbc: and is no PostgreSQL URI (its value is not shown, it may hold a password): write postgresql://user:password@host:port/database or jdbc:postgresql://host:port/database
            postgresql://h/d?channel_binding=secret | has a value of channelBinding that is none: use disable, prefer or require
            postgresql://h/d?gssencmode=secret | has a value of gssEncMode that is none: use disable, allow, prefer or require
            postgresql://h/d?require_auth=md5,secret | has a value of requireAuth that is none: use password, md5, gss, sspi, scram-sha-256, none, !password, !md5, !gss, !sspi, !scram-sha-256 or !none
            postgresql://h/d?sslnegotiation=secret | has a value of sslNegotiation that is none: use postgres or direct
            jdbc:postgresql://h/d?targetServerType=secret | has a value of targetServerType that is none: use any, primary, master, slave, secondary, preferSlave, preferSecondary or preferPrimary
            jdbc:postgresql://h/d?loginTimeout=secret | has a value of loginTimeout that is none: use a whole number
            jdbc:postgresql://h/d?ssl=secret | has a value of ssl that is none: use true or false
            jdbc:postgresql://h/d?user=re%00secret | has a NUL character in it (%00): leave it out
            postgresql://h/d?sslmode | has a parameter without =: write ?name=value&name=value
            postgresql://h/d?connect_timeout=soon | has a connect_timeout that is no number of seconds from 0 to 999999: correct it
            postgresql://h/d?connect_timeout=99999999999 | has a connect_timeout that is no number of seconds from 0 to 999999: correct it
            postgresql://h/d?target_session_attrs=master | has a value of target_session_attrs that is none: use one of any, prefer-standby, primary, read-only, read-write, standby
            postgresql://u:secret%4@h/d | has a % that two hexadecimal digits do not follow, or %00: write a % of your own as %25
            postgresql://u:%00secret@h/d | has a % that two hexadecimal digits do not follow, or %00: write a % of your own as %25
            postgresql://u:%FFsecret@h/d | is not UTF-8 once its %XX are decoded: correct them
            postgresql://%2Frun%2Fpostgresql/d | names a Unix socket: name a host; only TCP connections are supported
            postgresql://u:p@h:0/d | has a port that is not a number from 1 to 65535: percent-encode @ : / ? # and % in user, password and database (@ is %40), and write host:port
            postgresql://u:p/secret@h/d | has a port that is not a number from 1 to 65535: percent-encode @ : / ? # and % in user, password and database (@ is %40), and write host:port
            postgresql://u:p@secret@h/d | has a character in its host that no host name has: percent-encode @ : / ? # and % in user, password and database (@ is %40), and write host:port
            postgresql://u:12/secret@h | has @ or / in its database: percent-encode @ : / ? # and % in user, password and database (@ is %40), and write host:port
            """)
    void everyOtherMistakeHasASentence(String uri, String sentence) {
        assertRefused(uri, "EMBEDDING_SOURCE_URI " + sentence);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "socketFactory=java.io.FileOutputStream&socketFactoryArg=/tmp/secret",
                "sslfactory=java.io.FileOutputStream&sslfactoryarg=/tmp/secret",
                "sslfactory=org.postgresql.ssl.NonValidatingFactory",
                "sslhostnameverifier=java.lang.Object",
                "sslpasswordcallback=java.lang.Object",
                "authenticationPluginClassName=java.lang.Object",
                "xmlFactoryFactory=java.lang.Object",
                "loggerLevel=TRACE",
                "loggerFile=/tmp/secret",
                "jaasApplicationName=secret",
                "jaasLogin=true",
                "gsslib=sspi",
                "localSocketAddress=secret",
                "preferQueryMode=simple",
                "readOnlyMode=ignore",
                "readOnly=true",
                "autosave=always",
                "replication=database",
                "maxResultBuffer=1",
                "stringtype=unspecified",
                "escapeSyntaxCallMode=call",
                "logServerErrorDetail=true"
            })
    void driverParameterThatChangesTheRunnerItselfIsRefused(String parameters) {
        assertThatThrownBy(() -> parse("jdbc:postgresql://h/d?user=u&password=p&" + parameters))
                .isInstanceOf(SpecificationException.class)
                .hasMessageStartingWith("EMBEDDING_SOURCE_URI has a parameter that is not supported here")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "postgresql://reader%3Asecret@",
                "postgresql://reader;password=secret@",
                "jdbc:postgresql://?user=reader%3Asecret&",
                "jdbc:postgresql://?user=reader%20password=secret&",
                "jdbc:postgresql://?user=reader,password=secret&"
            })
    void userThatSwallowedThePasswordIsNotShown(String start) {
        // given a server that knows no such user
        String server = TestingPostgres.shared().newDatabase().replaceFirst(".*@([^/]*)/.*", "$1");
        String uri = start.startsWith("jdbc:")
                ? start.replace("//", "//" + server + "/postgres").replaceFirst("&$", "&password=none")
                : start + server + "/postgres?password=none";

        // when, then
        assertThatThrownBy(() -> Database.open(parse(uri), Access.READS, 2))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining(
                        "refuses the user, whose name has a character in it that separates the parts of a URI")
                .hasMessageNotContaining("secret");
    }

    @Test
    void missingDatabaseIsNotToldAsAMistakeInTheUser() throws SQLException {
        // given a user with a name as directories of companies give it to guests
        String administrator = TestingPostgres.shared().newDatabase();
        String user = "secret#EXT#@tenant";
        try (Connection connection = parse(administrator).dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP ROLE IF EXISTS \"%s\"".formatted(user));
            statement.execute("CREATE ROLE \"%s\" LOGIN PASSWORD 'word'".formatted(user));
        }
        String server = administrator.replaceFirst(".*@([^/]*)/.*", "$1");

        // when, then
        assertThatThrownBy(() -> Database.open(
                        parse("postgresql://secret%23EXT%23%40tenant:word@" + server + "/absent"), Access.READS, 2))
                .isInstanceOf(SpecificationException.class)
                .hasMessageContaining("SQLSTATE 3D000")
                .hasMessageEndingWith("correct the database, or create it")
                .hasMessageNotContaining("secret");
    }

    private static ConnectionUri parse(String uri) {
        return ConnectionUri.parse("EMBEDDING_SOURCE_URI", uri);
    }

    private static void assertRefused(String uri, String message) {
        assertThatThrownBy(() -> parse(uri))
                .isInstanceOf(SpecificationException.class)
                .hasMessage(message)
                .hasMessageNotContaining("secret");
    }
}
