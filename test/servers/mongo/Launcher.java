import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.MongoVersion;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import java.util.List;

/** Serves the given file of H2 on a free port of the loopback interface, and prints the port. Ends when its input ends. */
public final class Launcher {
    public static void main(String[] arguments) throws Exception {
        H2Backend backend = new H2Backend(arguments[0]);
        // It reports a wire version that the driver no longer takes, though it knows what is asked of it.
        backend.version(new MongoVersion() {
            @Override public List<Integer> getVersionArray() { return List.of(6, 0, 0); }
            @Override public int getWireVersion() { return 17; }
        });
        MongoServer server = new MongoServer(backend);
        server.bind("127.0.0.1", Integer.parseInt(arguments[1]));
        System.out.println("port " + server.getLocalAddress().getPort());
        while (System.in.read() != -1) { }
        server.shutdownNow();
        System.exit(0);
    }
}
