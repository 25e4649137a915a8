//! Chance that can be repeated: every throw depends on the seed and on what it is about, never on the order of requests.

use uuid::Uuid;

/// The seed of a simulator.
#[derive(Clone, Copy, Debug)]
pub(super) struct Dice {
    seed: u64,
}

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed }
    }

    /// A generator for one purpose, about these objects, for the nth time.
    pub(super) fn roll(self, purpose: &str, about: &[Uuid], nth: u64) -> fastrand::Rng {
        let mut hash = Fnv(0xcbf2_9ce4_8422_2325);
        hash.write(&self.seed.to_le_bytes());
        hash.write(purpose.as_bytes());
        for id in about {
            hash.write(id.as_bytes());
        }
        hash.write(&nth.to_le_bytes());
        fastrand::Rng::with_seed(hash.0)
    }

    /// An id for the nth thing of that kind in a tenant.
    pub(super) fn id(self, purpose: &str, tenant: Uuid, nth: u64) -> Uuid {
        let bytes = self.roll(purpose, &[tenant], nth).u128(..).to_le_bytes();
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }
}

/// FNV-1a: written out because the standard library's hasher may change between releases, and seeds must not.
struct Fnv(u64);

impl Fnv {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}
